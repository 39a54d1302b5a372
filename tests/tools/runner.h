// SPDX-License-Identifier: GPL-3.0-or-later
// Many tests in one program. A test is written as Qt Test has it, with QTEST_MAIN or QTEST_GUILESS_MAIN at its end;
// this header, precompiled into every test, makes of them an entry in the program's list instead of a main().
//
// The program takes the test's name first and Qt Test's arguments after it: `tests_core_io core.gguf -v2`. Called by a
// link `tst_core_gguf` it takes the name from that, so that each test can be run like a program of its own.
#pragma once

#include "tests/tools/patience.h"

#include <QtTest/QtTest>

namespace pissarro::tests {

class RegisteredTest {
public:
    using Main = int (*)(int argc, char** argv);
    RegisteredTest(const char* sourceFile, Main main); // of tst_<unit>.cpp
};

// The main() that Qt Test would have made: an application, the test, its exit code.
template <class Application, class Test>
int runTest(int argc, char** argv, const char* sourceFile)
{
    Application app(argc, argv);
    app.setAttribute(Qt::AA_Use96Dpi, true);
    Test test;
    QTest::setMainSourcePath(sourceFile);
    return QTest::qExec(&test, argc, argv);
}

} // namespace pissarro::tests

#define PISSARRO_TEST(Application, Test)                                                           \
    static const pissarro::tests::RegisteredTest registered##Test(                                 \
        __FILE__, [](int argc, char** argv) {                                                      \
            return pissarro::tests::runTest<Application, Test>(argc, argv, __FILE__);              \
        });

#undef QTEST_GUILESS_MAIN
#define QTEST_GUILESS_MAIN(Test) PISSARRO_TEST(QCoreApplication, Test)
#undef QTEST_MAIN
#define QTEST_MAIN(Test) PISSARRO_TEST(QApplication, Test)

// Qt Test's own five seconds are too short on a busy machine.
#undef QTRY_VERIFY
#define QTRY_VERIFY(what) QTRY_VERIFY_WITH_TIMEOUT(what, pissarro::tests::hangMs())
#undef QTRY_VERIFY2
#define QTRY_VERIFY2(what, message)                                                                \
    QTRY_VERIFY2_WITH_TIMEOUT(what, message, pissarro::tests::hangMs())
#undef QTRY_COMPARE
#define QTRY_COMPARE(found, expected)                                                              \
    QTRY_COMPARE_WITH_TIMEOUT(found, expected, pissarro::tests::hangMs())
