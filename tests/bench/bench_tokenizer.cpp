// SPDX-License-Identifier: GPL-3.0-or-later
// One thread, time of the processor: milliseconds to open a tokenizer, MB/s of a text file line by line and as one text, as one JSON object; what
// hf_tokenizers.py does with tokenizers and sentencepiece.
//   bench_tokenizer MODEL TEXT [BYTES]
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace pissarro::core;

namespace {

double secondsSince(std::clock_t start)
{
    return static_cast<double>(std::clock() - start) / 1e6; // POSIX: microseconds
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 3) {
        std::fprintf(stderr, "bench_tokenizer MODEL TEXT [BYTES]\n");
        return 2;
    }
    std::ifstream in(argv[2], std::ios::binary);
    std::string text {std::istreambuf_iterator<char>(in), {}};
    if (argc > 3) {
        text.resize(std::min<std::size_t>(text.size(), std::strtoull(argv[3], nullptr, 10)));
    }
    std::clock_t start = std::clock();
    const auto tokenizer = openTokenizer(argv[1]);
    const double opened = secondsSince(start);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    std::size_t ids = 0;
    start = std::clock();
    for (const std::string& line : lines) {
        ids += tokenizer->encode(line, false).size();
    }
    const double byLines = secondsSince(start);
    start = std::clock();
    ids += tokenizer->encode(text, false).size();
    const double whole = secondsSince(start);
    const double megabytes = static_cast<double>(text.size()) / 1e6;
    std::printf("{\"kind\": \"%s\", \"open_ms\": %.1f, \"lines_mb_s\": %.2f, \"whole_mb_s\": %.2f, "
                "\"ids\": %zu}\n",
                tokenizer->kind().c_str(), opened * 1e3, megabytes / byLines, megabytes / whole,
                ids);
    return 0;
}
