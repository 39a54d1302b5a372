// SPDX-License-Identifier: GPL-3.0-or-later
// What leaves core/ when something else was thrown, and where a device name leads.
#include "core/base/error.h"
#include "core/base/job_context.h"
#include "core/file/log.h"
#include "core/run/run_spec.h"
#include "core/tensor/devices.h"
#include "core/tensor/guarded.h"
#include "core/tensor/runtime.h"

#include <ATen/ATen.h>

#include <QtTest/QtTest>

#include <filesystem>
#include <future>
#include <stdexcept>
#include <system_error>

using namespace pissarro::core;

namespace {

using Body = std::function<void()>;

struct Left {
    ErrorKind kind = ErrorKind::Internal;
    QString text; // empty: nothing was thrown
};

Left leftBy(const Body& body)
{
    try {
        guarded(body);
    } catch (const Error& e) {
        return {e.kind(), QString::fromUtf8(e.what())};
    }
    return {};
}

} // namespace

Q_DECLARE_METATYPE(Body)

class TestGuarded : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // A report holds the line that the person saw, not LibTorch's with its stack.
    void aLongJob_isInTheLog_withItsLine()
    {
        const QTemporaryDir state;
        const QByteArray before = qgetenv("XDG_STATE_HOME");
        qputenv("XDG_STATE_HOME", state.path().toUtf8());
        QString line;
        try {
            guarded("export of runs/a", [] { throw std::bad_alloc(); });
        } catch (const Error& e) {
            line = QString::fromUtf8(e.what());
        }
        QFile file(QString::fromStdString(logFile().string()));
        const bool isThere = file.open(QIODevice::ReadOnly);
        const QString log = QString::fromUtf8(file.readAll());
        qputenv("XDG_STATE_HOME", before);
        QVERIFY(isThere && line.contains("too little memory"));
        QVERIFY2(log.contains("export of runs/a begins\n"), qPrintable(log));
        QVERIFY2(
            log.contains(QRegularExpression(" error .* export of runs/a failed after [0-9.]+ s: "
                                            + QRegularExpression::escape(line) + "\n")),
            qPrintable(log));
    }

    void everyException_becomesOneLine_data()
    {
        QTest::addColumn<Body>("body");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("part");
        const auto row = [](const char* name, ErrorKind kind, const char* part, Body body) {
            QTest::newRow(name) << body << static_cast<int>(kind) << QString(part);
        };
        row("out of range", ErrorKind::Internal, "std::out_of_range",
            [] { throw std::out_of_range("vector::at"); });
        row("a real one", ErrorKind::Internal, "std::out_of_range",
            [] { (void)std::string("ab").substr(3); });
        row("length", ErrorKind::Internal, "std::length_error",
            [] { throw std::length_error("vector::reserve"); });
        row("future", ErrorKind::Internal, "future_error", [] {
            std::future<int> broken = std::promise<int>().get_future(); // whose promise is gone
            broken.get();
        });
        row("system", ErrorKind::Io, "Resource temporarily unavailable",
            [] { throw std::system_error(EAGAIN, std::generic_category(), "thread"); });
        row("file system", ErrorKind::Io, "/nowhere/at/all",
            [] { (void)std::filesystem::file_size("/nowhere/at/all"); });
        row("memory", ErrorKind::OutOfMemory, "too little memory", [] { throw std::bad_alloc(); });
        row("LibTorch", ErrorKind::Internal, "LibTorch", [] {
            at::ones({2, 3}).mm(at::ones({2, 3}));
        });
        row("no exception at all", ErrorKind::Internal, "unknown kind", [] { throw 7; });
        row("ours", ErrorKind::Numeric, "NaN", [] { throw Error(ErrorKind::Numeric, "NaN"); });
    }

    void everyException_becomesOneLine()
    {
        QFETCH(Body, body);
        QFETCH(int, kind);
        QFETCH(QString, part);
        const Left left = leftBy(body);
        QVERIFY2(left.text.contains(part), qPrintable(left.text));
        QVERIFY2(!left.text.contains('\n'), qPrintable(left.text));
        QCOMPARE(static_cast<int>(left.kind), kind);
    }

    void aStop_passes()
    {
        QVERIFY_THROWS_EXCEPTION(Cancelled, guarded([] { throw Cancelled(); }));
    }

    void auto_isTheCpu_untilACardIsTested()
    {
        QCOMPARE(resolvedDevice("auto"), std::string("cpu"));
        QVERIFY(parseDevice("auto").is_cpu());
        QCOMPARE(resolvedDevice("cpu"), std::string("cpu"));
        QVERIFY(autoDeviceNote("cpu").empty());
        const bool driver = std::filesystem::exists("/dev/nvidiactl");
        QCOMPARE(autoDeviceNote("auto").empty(), !driver);
    }

    // What the check of a spec lets through is looked for, whatever its number; what it does not, is no device either.
    void aCard_isRefusedWithTheReason_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("named"); // as a card may be
        for (const char* name : {"cuda", "cuda:0", "cuda:10", "cuda:127", "cuda:999"}) {
            QTest::newRow(name) << QString(name) << true;
        }
        for (const char* name : {"cuda:", "cuda:x", "cuda:1x", "cuda:-1", "gpu", ""}) {
            QTest::addRow("\"%s\"", name) << QString(name) << false;
        }
    }

    void aCard_isRefusedWithTheReason()
    {
        QFETCH(QString, name);
        QFETCH(bool, named);
        RunSpec spec;
        spec.device = name.toStdString();
        const auto problems = checkSpec(spec);
        QCOMPARE(std::none_of(problems.begin(), problems.end(),
                              [](const auto& problem) { return problem.key == "device"; }),
                 named);
        if (availableDevices().size() > 1) {
            QSKIP("there is a card");
        }
        const Left left = leftBy([&] { parseDevice(name.toStdString()); });
        QVERIFY2(left.text.contains("\"" + name + "\" is not there"), qPrintable(left.text));
        QVERIFY2(!named || left.text.contains("NVIDIA") || left.text.contains("libtorch_cuda"),
                 qPrintable(left.text));
        QVERIFY2(!left.text.contains("cuda:0 to"), qPrintable(left.text));
    }
};

QTEST_GUILESS_MAIN(TestGuarded)
#include "tst_guarded.moc"
