// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tools/runner.h"

#include <cstdio>
#include <cstring>
#include <map>
#include <string>

namespace pissarro::tests {

namespace {

// By unit: "gguf" of tst_gguf.cpp.
std::map<std::string, RegisteredTest::Main>& registered()
{
    static std::map<std::string, RegisteredTest::Main> all;
    return all;
}

// What follows the last of `mark`; all of `text` without it.
std::string behind(const std::string& text, char mark)
{
    return text.substr(text.rfind(mark) + 1);
}

// The unit that "…/tst_core_fuzz_finds" or "core.fuzz_finds" names: what stands behind its area.
std::string unitOf(const std::string& name)
{
    const std::string program = behind(name, '/');
    if (program.starts_with("tst_")) {
        const std::size_t area = program.find('_', std::strlen("tst_"));
        return area == std::string::npos ? std::string() : program.substr(area + 1);
    }
    return behind(program, '.');
}

int explain(const char* program)
{
    std::fprintf(stderr, "usage: %s TEST [arguments of Qt Test], TEST one of:\n", program);
    for (const auto& [unit, main] : registered()) {
        std::fprintf(stderr, "  %s\n", unit.c_str());
    }
    return 2;
}

} // namespace

RegisteredTest::RegisteredTest(const char* sourceFile, Main main)
{
    std::string unit = behind(sourceFile, '/');
    unit = unit.substr(std::strlen("tst_"), unit.rfind('.') - std::strlen("tst_"));
    registered()[unit] = main;
}

} // namespace pissarro::tests

int main(int argc, char** argv)
{
    using namespace pissarro::tests;
    const bool byLink = behind(argv[0], '/').starts_with("tst_");
    if (!byLink && argc < 2) {
        return explain(argv[0]);
    }
    const auto test = registered().find(unitOf(byLink ? argv[0] : argv[1]));
    if (test == registered().end()) {
        return explain(argv[0]);
    }
    if (!byLink) { // Qt Test's arguments begin behind the name
        argv[1] = argv[0];
        ++argv;
        --argc;
    }
    return test->second(argc, argv);
}
