// SPDX-License-Identifier: GPL-3.0-or-later
// A seeded monkey in the real window: clicks, keys, drops, models good and bad, rank maps, dialogs, while a tiny run trains.
// No exception may reach the guard, nothing may crash. A few hundred actions here; `./dev fuzz` gives it ten minutes under
// asan: PISSARRO_MONKEY_SECONDS=600, and PISSARRO_MONKEY_SEED=N to have the same hands again.
#include "tests/tools/demo_model.h"
#include "tests/ui/monkey.h"
#include "ui/pages/pages.h"
#include "ui/services/services.h"
#include "ui/shell/guarded_application.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <random>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

namespace {

constexpr int kActions = 300; // of the short form

bool writeFile(const QString& path, const QByteArray& content)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

} // namespace

class TestMonkey : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (!QDir(QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama")).exists()) {
            QSKIP("shared/golden is not there");
        }
        nameApplication();
        for (const char* name :
             {"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"}) {
            qputenv(name, m_home.path().toUtf8()); // it writes nowhere else
        }
        QVERIFY(QDir::setCurrent(m_home.path()));
        collectFiles();
    }

    void actsForAWhile()
    {
        const QByteArray given = qgetenv("PISSARRO_MONKEY_SEED");
        const unsigned seed = given.isEmpty() ? std::random_device()() : given.toUInt();
        const int seconds = qEnvironmentVariableIntValue("PISSARRO_MONKEY_SECONDS");
        auto bench = std::make_unique<Services>();
        auto window = std::make_unique<MainWindow>(*bench, allPages());
        window->show();
        QVERIFY(QTest::qWaitForWindowExposed(window.get()));
        Monkey monkey(*window, *bench, m_files, seed);
        QString failure;
        connect(qobject_cast<GuardedApplication*>(QCoreApplication::instance()),
                &GuardedApplication::caught, this,
                [&failure](const QString& text) { failure = failure.isEmpty() ? text : failure; });
        QElapsedTimer clock;
        clock.start();
        int actions = 0;
        while (failure.isEmpty()
               && (seconds > 0 ? clock.elapsed() < seconds * 1000LL : actions < kActions)) {
            monkey.act();
            ++actions;
        }
        if (!failure.isEmpty()) {
            Monkey::printTrail();
        }
        QVERIFY2(failure.isEmpty(), qPrintable(failure));
        qInfo("%d actions, seed %u", actions, seed);

        bench->training.giveUpQueued();
        bench->training.stop();
        QTRY_VERIFY(!bench->training.isRunning());
        window.reset();
        bench.reset();
        QCOMPARE(failure, QString());
    }

private:
    void collectFiles()
    {
        const QDir tiny(QStringLiteral(PISSARRO_SHARED "/golden/tiny"));
        for (const QString& name : tiny.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
            m_files.models.append(tiny.filePath(name));
        }
        for (const char* name : {"stories260k", "stories260k-gguf/stories260k-f16.gguf"}) {
            m_files.models.append(QStringLiteral(PISSARRO_SHARED "/data/models/")
                                  + QLatin1String(name));
        }
        if (!demoModel().isEmpty()) {
            m_files.models.append(demoModel());
        }
        const QDir source(tiny.filePath(QStringLiteral("llama")));
        const QDir mute(m_home.filePath(QStringLiteral("no-tokenizer")));
        QVERIFY(QDir().mkpath(mute.path()));
        for (const char* name : {"config.json", "model.safetensors"}) {
            QVERIFY(QFile::copy(source.filePath(QLatin1String(name)),
                                mute.filePath(QLatin1String(name))));
        }
        m_files.models << mute.path() << m_home.filePath(QStringLiteral("not-there"))
                       << m_home.filePath(QStringLiteral("broken.jsonl"));
        QVERIFY(writeFile(m_home.filePath(QStringLiteral("broken.jsonl")), "{\"instruction\": 1"));
        QVERIFY(writeFile(m_home.filePath(QStringLiteral("empty.json")), ""));
        QVERIFY(writeFile(m_home.filePath(QStringLiteral("table.csv")), "a,b\n1,2\n"));
        m_files.data << QStringLiteral(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl")
                     << m_home.filePath(QStringLiteral("broken.jsonl"))
                     << m_home.filePath(QStringLiteral("empty.json"))
                     << m_home.filePath(QStringLiteral("table.csv"));
        m_files.folder = m_home.path();
    }

    QTemporaryDir m_home;
    MonkeyFiles m_files;
};

PISSARRO_TEST(GuardedApplication, TestMonkey)

#include "tst_monkey.moc"
