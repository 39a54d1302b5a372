// SPDX-License-Identifier: GPL-3.0-or-later
// Windows and perplexities against golden/eval/perplexity.json (scripts/make_eval_perplexity.py of shared/golden, which
// compared itself with lm-evaluation-harness and transformers' documentation; seed 0).
#include "core/base/error.h"
#include "core/tasks/perplexity.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden_folder.h"

#include <QTest>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

using namespace pissarro;
using namespace pissarro::core;
using nlohmann::json;

namespace {

WindowPlan planOf(const json& one)
{
    WindowPlan plan;
    plan.rule = parseIn(EnumNames<WindowRule>::all, "rule", one.at("rule").get<std::string>());
    plan.length = one.at("max_length").get<std::int64_t>();
    plan.stride = one.at("stride").is_null() ? 1 : one.at("stride").get<std::int64_t>();
    return plan;
}

// JSON does not know three numbers: "nan", "inf", "-inf".
double numberOf(const json& value)
{
    return value.is_string() ? std::stod(value.get<std::string>()) : value.get<double>();
}

bool isClose(const std::optional<double>& found, const json& wanted)
{
    if (wanted.is_null() || !found) {
        return wanted.is_null() && !found;
    }
    const double value = numberOf(wanted);
    return std::isfinite(value) ? std::abs(*found - value) <= 1e-9 * std::abs(value)
                                : *found == value || (std::isnan(*found) && std::isnan(value));
}

} // namespace

class TestPerplexity : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const auto path = tests::golden() / "eval" / "perplexity.json";
        if (!std::filesystem::exists(path)) {
            QSKIP("needs shared/golden/eval/perplexity.json");
        }
        m_golden = json::parse(test::readBytes(path));
    }

    void windows_areThePeers()
    {
        for (const json& one : m_golden.at("plans")) {
            json windows = json::array();
            for (const TextWindow& window :
                 windowsOf(one.at("n").get<std::int64_t>(), planOf(one))) {
                windows.push_back({window.begin, window.end, window.first});
            }
            QVERIFY2(windows == one.at("windows"), one.dump().c_str());
        }
    }

    // A made-up model whose log-probability of a token depends on where its window began.
    void sums_areThePeers()
    {
        for (const json& one : m_golden.at("mock")) {
            const auto ids = one.at("ids").get<std::vector<std::int64_t>>();
            TextLoss sum;
            for (const TextWindow& window :
                 windowsOf(static_cast<std::int64_t>(ids.size()), planOf(one))) {
                for (std::int64_t i = window.first; i < window.end; ++i) {
                    const std::int64_t id = ids[static_cast<std::size_t>(i)];
                    const std::int64_t rest = (id * 31 + (i - window.begin) * 17) % 97;
                    sum += {0.5 + static_cast<double>(rest) / 20.0, 1, 0, 0};
                }
            }
            QCOMPARE(sum.scored, one.at("scored").get<std::int64_t>());
            const Perplexity found = perplexityOf(sum);
            QVERIFY2(isClose(found.perplexity, one.at("perplexity")), one.dump().c_str());
            QVERIFY2(isClose(found.meanNll, one.at("mean_nll")), one.dump().c_str());
        }
    }

    void figures_areThePeers()
    {
        for (const json& one : m_golden.at("flat")) {
            TextLoss sum {0.0, 0, one.at("bytes").get<std::int64_t>(),
                          one.at("words").get<std::int64_t>()};
            for (const json& value : one.at("logprobs")) {
                sum += {-numberOf(value), 1, 0, 0};
            }
            const Perplexity found = perplexityOf(sum);
            for (const auto& [key, value] :
                 {std::pair("perplexity", found.perplexity), std::pair("mean_nll", found.meanNll),
                  std::pair("bits_per_byte", found.bitsPerByte),
                  std::pair("byte_perplexity", found.bytePerplexity),
                  std::pair("word_perplexity", found.wordPerplexity)}) {
                QVERIFY2(isClose(value, one.at(key)), (key + one.dump()).c_str());
            }
        }
        for (const json& one : m_golden.at("real")) {
            QCOMPARE(wordsOf(one.at("text").get<std::string>()),
                     one.at("words").get<std::int64_t>());
        }
    }

    void words_areThePiecesBetweenSpaces()
    {
        QCOMPARE(wordsOf(""), 1);
        QCOMPARE(wordsOf("a"), 1);
        QCOMPARE(wordsOf(" a  b\n"), 4); // '', 'a', 'b', ''
        QCOMPARE(wordsOf("a\u00a0b"), 2);
    }

    void refuses_windowsThatAreNone()
    {
        for (const WindowPlan& bad :
             {WindowPlan {WindowRule::Windows, 1, 1}, WindowPlan {WindowRule::Stride, 8, 0},
              WindowPlan {WindowRule::Stride, 8, 9}, WindowPlan {WindowRule::Rolling, 0, 1}}) {
            const auto error = test::errorOf([&] { windowsOf(10, bad); });
            QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        }
    }

private:
    json m_golden;
};

QTEST_GUILESS_MAIN(TestPerplexity)
#include "tst_perplexity.moc"
