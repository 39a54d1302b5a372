// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/hostile_cases.h"
#include "tests/cli/hostile_inputs.h"
#include "tests/cli/tiny_model.h"

namespace pissarro::tests {

namespace {

constexpr const char* kTokenizer = "tokenizer.json";
constexpr const char* kData = "data.jsonl";
constexpr const char* kRow = "{\"question\": \"what is a b c\", \"answer\": \"a cab\"}\n";

// Every letter, what the Alpaca prompt is written with, and "ab".
json tinyTokenizer()
{
    json pieces = json::object();
    const std::string letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ \n#.:,?";
    for (const char letter : letters) {
        pieces[std::string(1, letter)] = pieces.size();
    }
    pieces["ab"] = pieces.size();
    const auto added = [](std::size_t id, const char* text) {
        return json {{"id", id}, {"content", text}, {"special", true}};
    };
    return {{"added_tokens", {added(pieces.size(), "<s>"), added(pieces.size() + 1, "</s>")}},
            {"normalizer", nullptr},
            {"pre_tokenizer", nullptr},
            {"post_processor", nullptr},
            {"decoder", {{"type", "Fuse"}}},
            {"model", {{"type", "BPE"}, {"vocab", pieces}, {"merges", {"a b"}}}}};
}

HostileCase tokenized(const char* row, const char* says, const std::function<void(json&)>& change)
{
    return {row,
            {"tokenize", "inspect", "generate", "train"},
            kTokenizer,
            says,
            [=](const fs::path& folder) { changeJson(folder / "model" / kTokenizer, change); }};
}

HostileCase fed(const char* row, const char* says, const std::string& text,
                const QStringList& more = {"--strict"})
{
    return {row,
            {"train"},
            kData,
            says,
            [=](const fs::path& folder) { test::writeBytes(folder / kData, text); },
            more};
}

// The row that takes 100 MB is written in parts: the test stays small beside what it measures.
void writeLongLine(const fs::path& folder)
{
    std::ofstream out(folder / kData, std::ios::binary);
    out << kRow << R"({"question": ")";
    const std::string part(1'000'000, 'x');
    for (int i = 0; i < 100; ++i) {
        out << part;
    }
    out << "\", \"answer\": \"a\"}\n";
}

// Little text that would take much memory once read.
void writeManyValues(const fs::path& folder)
{
    std::ofstream out(folder / "model" / kTokenizer, std::ios::binary);
    out << "[0";
    std::string part;
    for (int i = 0; i < 100'000; ++i) {
        part += ",{}";
    }
    for (int i = 0; i < 200; ++i) {
        out << part;
    }
    out << "]";
}

void addTokenizers(std::vector<HostileCase>& cases)
{
    cases.push_back(tokenized("tokenizer of another size", "has 65 tokens", [](json& t) {
        t["added_tokens"].push_back({{"id", kTinyVocabulary}, {"content", "<pad>"}});
    }));
    cases.push_back(tokenized("tokenizer far too small", "has 4 tokens", [](json& t) {
        t["added_tokens"] = json::array({{{"id", 2}, {"content", "</s>"}, {"special", true}}});
        t["model"]["vocab"] = {{"a", 0}, {"b", 1}}; // "<s>" of the settings is a fourth one
        t["model"]["merges"] = json::array();
    }));
    cases.push_back(tokenized("merges of nothing", "'zz'",
                              [](json& t) { t["model"]["merges"].push_back("zz a"); }));
    cases.push_back(
        {"tokenizer cut",
         {"tokenize", "inspect", "generate", "train"},
         kTokenizer,
         "not JSON",
         [](const fs::path& folder) { fs::resize_file(folder / "model" / kTokenizer, 300); }});
    cases.push_back({"tokenizer of 20 million values",
                     {"tokenize", "train"},
                     kTokenizer,
                     "more than 5000000 values",
                     writeManyValues});
    cases.push_back(
        {"regular expression that explodes",
         {"tokenize", "train"},
         kTokenizer,
         "too many steps",
         [](const fs::path& folder) {
             changeJson(folder / "model" / kTokenizer, [](json& t) {
                 t["pre_tokenizer"] = {{"type", "Split"},
                                       {"pattern", {{"Regex", "(a|aa)+$"}}},
                                       {"behavior", "Isolated"}};
             });
             const std::string text = std::string(5000, 'a') + "b";
             test::writeBytes(folder / "text.json", json::array({text}).dump());
             test::writeBytes(folder / kData, json {{"question", text}, {"answer", "a"}}.dump());
         }});
}

void addData(std::vector<HostileCase>& cases)
{
    const std::string good = kRow;
    cases.push_back(
        {"line of 100 MB", {"train"}, kData, "line 2 has 100000", writeLongLine, {"--strict"}});
    cases.push_back(fed("data not UTF-8", "line 2 is not valid UTF-8",
                        good + "{\"question\": \"a\xff\", \"answer\": \"b\"}\n"));
    cases.push_back(
        fed("torn last line", "line 3 is not JSON", good + good + good.substr(0, good.size() / 2)));
    cases.push_back(fed("a line that is not JSON", "line 2 is not JSON", good + "what\n" + good));
    cases.push_back(
        fed("no response", "line 2 has no response field", good + R"({"question": "a"})"));
    cases.push_back(fed("empty data", "no rows", ""));
    cases.push_back(
        fed("every example too long", "maximum length of 4", good, {"--max-length", "4"}));
    cases.push_back(
        {"ids outside the vocabulary",
         {"logits"},
         "ids.json",
         "outside",
         [](const fs::path& folder) { test::writeBytes(folder / "ids.json", "[[1, 64]]"); }});
    cases.push_back(
        {"text list cut", {"tokenize"}, "text.json", "not JSON", [](const fs::path& folder) {
             test::writeBytes(folder / "text.json", "[\"a");
         }});
}

void addRuns(std::vector<HostileCase>& cases)
{
    const auto untouched = [](const fs::path&) {};
    cases.push_back({"rank above the smaller side",
                     {"spectrum", "init", "train"},
                     "k_proj",
                     "expected 1 to 16",
                     untouched,
                     {"--rank", "17"}});
    cases.push_back(
        {"output folder that is a file",
         {"train", "init"},
         "result",
         "result",
         [](const fs::path& folder) { test::writeBytes(folder / "out" / "result", "x"); }});
    cases.push_back({"output folder below a file",
                     {"train", "init"},
                     "out",
                     "Not a directory",
                     [](const fs::path& folder) {
                         fs::remove(folder / "out");
                         test::writeBytes(folder / "out", "x");
                     }});
    cases.push_back({"output file in no folder",
                     {"spectrum", "logits"},
                     "out",
                     "no folder",
                     [](const fs::path& folder) { fs::remove(folder / "out"); }});
    cases.push_back({"nothing to export", {"export"}, "run.json", "run.json", untouched});
    cases.push_back({"torn run file", {"export"}, "run.json", "JSON", [](const fs::path& folder) {
                         fs::create_directory(folder / "run");
                         test::writeBytes(folder / "run" / "run.json", R"({"model": "m", )");
                     }});
}

} // namespace

void writeRightInputs(const fs::path& folder)
{
    writeTinyModel(folder / "model");
    test::writeBytes(folder / "model" / kTokenizer, tinyTokenizer().dump());
    test::writeBytes(folder / "model" / "tokenizer_config.json",
                     R"({"bos_token": "<s>", "eos_token": "</s>"})");
    std::string data;
    for (int i = 0; i < 4; ++i) {
        data += kRow;
    }
    test::writeBytes(folder / kData, data);
    test::writeBytes(folder / "text.json", R"(["a cab"])");
    test::writeBytes(folder / "ids.json", "[[1, 5, 9]]");
    fs::create_directory(folder / "out");
}

std::vector<HostileCase> hostileTexts()
{
    std::vector<HostileCase> cases;
    addTokenizers(cases);
    addData(cases);
    addRuns(cases);
    return cases;
}

} // namespace pissarro::tests
