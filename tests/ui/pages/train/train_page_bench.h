// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the Train page share: the page on the tiny model, and a run set up by hand.
#pragma once

#include "core/analysis/rank_map.h"
#include "tests/tools/patience.h"
#include "tests/ui/pages/page_bench.h"
#include "tests/ui/tiny_run.h"
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

const int kPatienceMs = hangMs();

inline core::RankMap mapOf(const std::string& module, std::int64_t rank)
{
    core::RankMap map;
    map.ranks[module] = rank;
    map.reason = "by hand";
    return map;
}

class TrainPageBench : public PageBench<ui::TrainPage> {
protected:
    void beginTests(const char* name)
    {
        PageBench::beginTests(name);
        QSettings().clear();
        const QString cli = QFileInfo(QStringLiteral(PISSARRO_CLI)).absolutePath();
        m_path = QFile::encodeName(cli) + ':' + qgetenv("PATH");
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
    }

    void beginTest()
    {
        QSettings().clear();
        qputenv("PATH", m_path);
        beginFolder();
        reopen();
    }

    void endTest()
    {
        if (m_bench->training.isWatching()) { // a failed test leaves no trainer behind
            ::kill(static_cast<pid_t>(m_bench->training.process()), SIGKILL);
        }
        PageBench::endTest();
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

    void reopen() { openPage({1300, 780}); }

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
};

} // namespace pissarro::tests
