// SPDX-License-Identifier: GPL-3.0-or-later
// A report as a file: its forms, the line that repeats it, and the rule of outputs.
#include "core/base/error.h"
#include "core/compare/report_file.h"
#include "core/file/atomic_file.h"
#include "tests/core/compare/compared_runs.h"

#include <QTest>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;
namespace fs = std::filesystem;

class ReportFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_place = std::make_unique<TinyPlace>();
        m_run = m_place->train(m_place->spec("pissa"), "run").directory;
    }

    void everyForm_isWritten_once()
    {
        for (const ReportForm& form : reportForms()) {
            ReportRequest request;
            request.runs = {m_run};
            request.output = *m_place / ("report" + std::string(form.ending));
            QCOMPARE(reportFormOf(request.output), &form);
            const RunComparison found = writeReport(request, {}, JobContext());
            QCOMPARE(found.runs.size(), std::size_t {1});
            QCOMPARE(found.findings[0].spectra.empty(), !form.isDocument);
            const std::string text = readWholeFile(request.output, 1U << 26);
            QVERIFY(!text.empty());
            const auto error =
                test::errorOf([&] { writeReport(request, {}, JobContext()); }); // it is there
            QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
            QCOMPARE(readWholeFile(request.output, 1U << 26), text);
            writeReport(request, {{}, Overwrite::Ours}, JobContext());
        }
        QVERIFY(reportEndings().ends_with("or .json"));
    }

    void whatItIsMadeOf_isNeverReplaced()
    {
        ReportRequest request;
        request.runs = {m_run};
        request.output = m_run / "run.json";
        const std::string told = readWholeFile(request.output, 1U << 20);
        QVERIFY(test::errorOf([&] {
            writeReport(request, {{}, Overwrite::ThisFile}, JobContext());
        }));
        QCOMPARE(readWholeFile(request.output, 1U << 20), told);
        request.output = *m_place / "report.docx";
        const auto error = test::errorOf([&] { writeReport(request, {}, JobContext()); });
        QVERIFY(error && std::string(error->what()).find(".pdf") != std::string::npos);
        request.output.clear(); // it only compares
        QCOMPARE(writeReport(request, {}, JobContext()).runs.size(), std::size_t {1});
    }

    void theLine_saysAllThatWasChosen()
    {
        ReportRequest request;
        request.runs = {"a run", "b"};
        request.how.evaluations = {"eval"};
        request.how.quantErrors = {"q.json"};
        request.how.update.modules = {"v_proj"};
        request.how.update.directions = 8;
        request.how.experiment = "table2-llama2-7b";
        request.how.withUpdate = false;
        request.title = "Two runs";
        request.output = "r.pdf";
        QCOMPARE(reportCommand(request),
                 std::string("pissarro-cli compare 'a run' b --eval eval --quant-error q.json "
                             "--modules v_proj --paper table2-llama2-7b --directions 8 --no-update "
                             "--title 'Two runs' -o r.pdf"));
        QCOMPARE(reportCommand({{"a"}, {}, {}, {}}), std::string("pissarro-cli compare a"));
    }

private:
    std::unique_ptr<TinyPlace> m_place;
    fs::path m_run;
};

QTEST_GUILESS_MAIN(ReportFileTest)
#include "tst_report_file.moc"
