// SPDX-License-Identifier: GPL-3.0-or-later
// The report of runs that were trained for real, asked for in the window: every form, the line that repeats it, what is there
// already, a person who changes his mind.
#include "tests/tools/patience.h"
#include "tests/ui/pages/compare/pair_runs.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/services/reports.h"
#include "ui/views/report_dialog.h"

#include <QAbstractButton>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMessageBox>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

class TestReportDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        Theme::instance().setMode(ThemeMode::Light);
        m_runs = std::make_unique<tests::PairRuns>();
    }

    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_reports = std::make_unique<Reports>();
        m_dialog = std::make_unique<ReportDialog>(
            *m_reports,
            QVector<ReportDialog::Run> {{m_runs->pissa(), QStringLiteral("PiSSA r4")},
                                        {m_runs->lora(), QStringLiteral("LoRA r4")}});
        m_dialog->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_dialog.get(), hangMs()));
    }

    void cleanup()
    {
        m_dialog.reset();
        m_reports.reset();
        m_folder.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void everyForm_isWritten_andNothingIsReplaced()
    {
        const std::array<std::pair<int, QByteArray>, 3> forms {
            std::pair {0, QByteArray("<!DOCTYPE html>")}, std::pair {1, QByteArray("%PDF-")},
            std::pair {2, QByteArray("<!-- generator: pissarro -->")}};
        QString file = m_folder->filePath(QStringLiteral("report.html"));
        type(file);
        for (const auto& [form, begin] : forms) {
            child<QAbstractButton>(qPrintable(QStringLiteral("report.form.%1").arg(form)))->click();
            const QString now = child<QLineEdit>("report.file")->text();
            QVERIFY2(now.startsWith(m_folder->filePath(QStringLiteral("report."))),
                     qPrintable(now));
            write();
            QVERIFY2(child<QLabel>("report.line")->text().contains(now),
                     qPrintable(child<QLabel>("report.line")->text()));
            QVERIFY(child<QAbstractButton>("report.open")->isVisible());
            QVERIFY2(contentOf(now).startsWith(begin), qPrintable(now));
        }
        const QByteArray there = contentOf(child<QLineEdit>("report.file")->text());
        write(); // again: of that name nobody was asked
        QVERIFY(m_reports->failure() != nullptr);
        QVERIFY(!child<QAbstractButton>("report.open")->isVisible());
        QVERIFY2(child<QLabel>("report.line")->text().contains(QStringLiteral("report.md")),
                 qPrintable(child<QLabel>("report.line")->text()));
        QCOMPARE(contentOf(child<QLineEdit>("report.file")->text()), there);
    }

    void theLine_saysWhatIsChosen()
    {
        type(QStringLiteral("out/r.html"));
        m_dialog->addEvaluation(QStringLiteral("/evals/gsm8k"));
        m_dialog->addEvaluation(QStringLiteral("/evals/gsm8k")); // once
        auto* paper = child<QComboBox>("report.paper");
        QVERIFY(paper->count() > 3);
        paper->setCurrentIndex(1);
        child<QCheckBox>("report.updates")->setChecked(false);
        child<QListWidget>("report.runs")->item(0)->setCheckState(Qt::Unchecked);
        const QString line = child<QLineEdit>("report.command")->text();
        QCOMPARE(
            line,
            QStringLiteral("pissarro-cli compare %1 --eval /evals/gsm8k --paper %2 --no-update "
                           "-o out/r.html")
                .arg(m_runs->lora(), paper->currentData().toString()));
        child<QAbstractButton>("report.copy")->click();
        QCOMPARE(QGuiApplication::clipboard()->text(), line);
        auto* evaluations = child<QListWidget>("report.evaluations");
        evaluations->setCurrentRow(0);
        child<QAbstractButton>("report.removeEvaluation")->click();
        QVERIFY(!child<QLineEdit>("report.command")->text().contains(QStringLiteral("--eval")));
    }

    void withoutARun_orAForm_thereIsNothingToWrite()
    {
        QVERIFY(child<QAbstractButton>("report.write")->isEnabled());
        type(QStringLiteral("report.docx"));
        QVERIFY(!child<QAbstractButton>("report.write")->isEnabled());
        QVERIFY(child<QAbstractButton>("report.write")->toolTip().contains(QStringLiteral(".pdf")));
        type(QStringLiteral("report.pdf"));
        QVERIFY(child<QAbstractButton>("report.write")->isEnabled());
        for (int row = 0; row < 2; ++row) {
            child<QListWidget>("report.runs")->item(row)->setCheckState(Qt::Unchecked);
        }
        QVERIFY(!child<QAbstractButton>("report.write")->isEnabled());
    }

    void anEvaluationThatIsNone_isNamed()
    {
        type(m_folder->filePath(QStringLiteral("r.html")));
        m_dialog->addEvaluation(m_folder->path());
        write();
        QVERIFY(m_reports->failure() != nullptr);
        QVERIFY2(child<QLabel>("report.line")->text().contains(m_folder->path()),
                 qPrintable(child<QLabel>("report.line")->text()));
        QVERIFY(QDir(m_folder->path()).isEmpty()); // nothing is left behind
    }

    void escAsks_beforeItDropsAReport()
    {
        type(m_folder->filePath(QStringLiteral("r.html")));
        child<QAbstractButton>("report.write")->click();
        m_dialog->reject(); // before the outcome can have come
        QVERIFY(m_dialog->isVisible());
        auto* question = child<QMessageBox>("drop.question");
        for (QAbstractButton* button : question->buttons()) {
            if (button->text() == QStringLiteral("Go on")) {
                button->click();
            }
        }
        QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>("report.open")->isVisible(), hangMs());
        m_dialog->reject();
        QVERIFY(!m_dialog->isVisible());
    }

private:
    template <class Widget>
    Widget* child(const char* name) const
    {
        auto* found = m_dialog->findChild<Widget*>(QLatin1String(name));
        Q_ASSERT_X(found != nullptr, "child", name);
        return found;
    }

    void type(const QString& path) const
    {
        auto* file = child<QLineEdit>("report.file");
        file->setText(path);
        Q_EMIT file->textEdited(path);
    }

    void write() const
    {
        child<QAbstractButton>("report.write")->click();
        QTRY_VERIFY_WITH_TIMEOUT(!m_reports->isRunning(), hangMs());
    }

    static QByteArray contentOf(const QString& path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    std::unique_ptr<tests::PairRuns> m_runs;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Reports> m_reports;
    std::unique_ptr<ReportDialog> m_dialog;
};

QTEST_MAIN(TestReportDialog)
#include "tst_report_dialog.moc"
