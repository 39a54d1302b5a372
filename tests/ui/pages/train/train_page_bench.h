// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the Train page share: the page on the tiny model, and a run set up by hand.
#pragma once

#include "core/analysis/rank_map.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/train/train_form.h"
#include "ui/pages/train/train_page.h"
#include "ui/services/services.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QSettings>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

namespace pissarro::tests {

const QString kTinyModel = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");
const QString kDemoData = QStringLiteral(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl");
const int kPatienceMs = hangMs();

inline core::RankMap mapOf(const std::string& module, std::int64_t rank)
{
    core::RankMap map;
    map.ranks[module] = rank;
    map.reason = "by hand";
    return map;
}

// The Train page on services of its own, in a folder that goes with it.
class TrainPageBench : public QObject {
protected:
    void beginTests(const char* name)
    {
        WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QLatin1String(name));
        QSettings().clear();
        const QString cli = QFileInfo(QStringLiteral(PISSARRO_CLI)).absolutePath();
        m_path = QFile::encodeName(cli) + ':' + qgetenv("PATH");
        ui::Theme::instance().setMode(ui::ThemeMode::Light);
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
    }

    void beginTest()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QSettings().clear();
        qputenv("PATH", m_path);
        qputenv("XDG_DATA_HOME", QFile::encodeName(m_folder->filePath(QStringLiteral("data"))));
        reopen();
    }

    void endTest()
    {
        if (m_bench->training.isWatching()) { // a failed test leaves no trainer behind
            ::kill(static_cast<pid_t>(m_bench->training.process()), SIGKILL);
        }
        m_page.reset();
        m_bench.reset();
        m_folder.reset();
        QCOMPARE(WarningTrap::take(), QStringList());
    }

    template <class Widget>
    Widget* child(const char* name) const
    {
        auto* found = m_page->findChild<Widget*>(QLatin1String(name));
        Q_ASSERT_X(found != nullptr, "child", name);
        return found;
    }

    qsizetype steps(int run) const { return m_bench->training.series().value(run).size(); }
    QString outcome() const { return child<QLabel>("train.outcome")->text(); }

    void trainInItsOwnProcess()
    {
        QVERIFY(m_bench->training.trainsInProcess()); // unless told otherwise
        QTest::mouseClick(child<QAbstractButton>("train.start"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.isWatching() && steps(0) >= 3 && steps(1) >= 3,
                                 kPatienceMs);
    }

    void reopen()
    {
        m_page.reset();
        m_bench.reset();
        m_bench = std::make_unique<ui::Services>();
        m_page = std::make_unique<ui::TrainPage>(*m_bench);
        m_page->resize(1300, 780);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get(), hangMs()));
    }

    void openBoth()
    {
        m_bench->model.open(kTinyModel);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() != nullptr, kPatienceMs);
        child<QSpinBox>("train.maxLength")->setValue(500); // the tiny vocabulary makes rows long
        m_bench->data.open(kDemoData);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized() != nullptr, kPatienceMs);
        QVERIFY2(m_page->form()->problem().isEmpty(), qPrintable(m_page->form()->problem()));
    }

    void setUpRun(int steps, const QString& name = QStringLiteral("run"))
    {
        auto* directory = child<QLineEdit>("train.directory");
        directory->setText(m_folder->filePath(name));
        directory->setModified(true);
        QTest::keyClick(directory, Qt::Key_Return);
        child<QSpinBox>("train.rank")->setValue(4);
        child<QSpinBox>("train.batch")->setValue(2);
        child<QLineEdit>("train.length")->setText(QString::number(steps));
        child<QComboBox>("train.lengthUnit")->setCurrentIndex(1);
        child<QComboBox>("train.dtype")->setCurrentIndex(0);
        QVERIFY2(m_page->form()->problem().isEmpty(), qPrintable(m_page->form()->problem()));
    }

    void choose(const char* segment)
    {
        auto* button = child<QAbstractButton>(segment);
        child<QAbstractButton>("train.advanced")->setChecked(true); // where they are
        QTRY_VERIFY(button->isVisible() && button->height() > 0); // laid out
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(button->isChecked());
    }

    QByteArray m_path;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<ui::Services> m_bench;
    std::unique_ptr<ui::TrainPage> m_page;
};

} // namespace pissarro::tests
