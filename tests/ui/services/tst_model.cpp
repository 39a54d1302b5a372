// SPDX-License-Identifier: GPL-3.0-or-later
// Models opened one after the other: who is told what, in which order, and what stays where opening fails.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/model.h"

#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

const QString kTiny = QStringLiteral(PISSARRO_SHARED "/golden/tiny/");

// Writes down what it is told.
class Follower : public OfModel {
public:
    explicit Follower(QStringList& heard)
        : m_heard(heard)
    {
    }
    void takeModel(const OpenedModel& opened) override
    {
        m_heard << QStringLiteral("take ") + QDir(pathOf(opened.files)).dirName();
    }
    void tellWhatIsGone() override { m_heard << QStringLiteral("gone"); }

private:
    QStringList& m_heard;
};

} // namespace

class TestModelService : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        if (!QDir(kTiny + QStringLiteral("llama")).exists()) {
            QSKIP("shared/golden is not there");
        }
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void tellsItsFollowers_beforeAndAfterAllOthers()
    {
        QStringList heard;
        Follower one(heard);
        Follower two(heard);
        Model model;
        model.follow(one);
        model.follow(two);
        connect(&model, &Model::opening, this, [&] { heard << QStringLiteral("opening"); });
        connect(&model, &Model::opened, this, [&] { heard << QStringLiteral("opened"); });
        QVERIFY(!model.files() && model.matrices() == 0);
        model.open(kTiny + QStringLiteral("llama"));
        QVERIFY(model.isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Ready>(model.state()), hangMs());
        QCOMPARE(heard,
                 (QStringList {QStringLiteral("opening"), QStringLiteral("take llama"),
                               QStringLiteral("take llama"), QStringLiteral("opened"),
                               QStringLiteral("gone"), QStringLiteral("gone")}));
        QVERIFY(model.tokenizer() != nullptr && model.tokenizerProblem().isEmpty());
        QCOMPARE(model.matrices(), static_cast<int>(model.files()->linearModules().size()));
    }

    void fails_withTheFileAndWhy_andKeepsTheOneBefore()
    {
        Model model;
        model.open(kTiny + QStringLiteral("llama"));
        QTRY_VERIFY_WITH_TIMEOUT(model.files() != nullptr, hangMs());
        const auto before = model.files();
        QSignalSpy opened(&model, &Model::opened);
        const QString none = QStringLiteral("/nowhere/model.gguf");
        model.open(none);
        QTRY_VERIFY_WITH_TIMEOUT(model.failure() != nullptr, hangMs());
        QCOMPARE(model.failure()->what, QStringLiteral("Could not open model.gguf"));
        QCOMPARE(model.failure()->file, none);
        QVERIFY2(model.failure()->why.contains(none), qPrintable(model.failure()->why));
        QVERIFY(model.files() == before && opened.isEmpty());
    }

    void aModelWithoutTokenizer_isOpened_andSaysWhyThereIsNone()
    {
        const QTemporaryDir bare;
        for (const char* name : {"config.json", "model.safetensors"}) {
            const QString file = QLatin1Char('/') + QLatin1String(name);
            QVERIFY(QFile::copy(kTiny + QStringLiteral("llama") + file, bare.path() + file));
        }
        Model model;
        model.open(bare.path());
        QTRY_VERIFY_WITH_TIMEOUT(model.files() != nullptr, hangMs());
        QVERIFY(model.tokenizer() == nullptr && !model.tokenizerProblem().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestModelService)
#include "tst_model.moc"
