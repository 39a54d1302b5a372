// SPDX-License-Identifier: GPL-3.0-or-later
// Agreement of what a model found with what is right, against scikit-learn and scipy (golden/eval/glue.json).
#include "core/stats/agreement.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden_folder.h"

#include <QTest>

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

using namespace pissarro;
using nlohmann::json;

namespace {

json sets()
{
    return json::parse(test::readBytes(tests::golden() / "eval" / "glue.json")).at("sets");
}

// Also "nan" and "inf" as texts.
double numberOf(const json& value)
{
    return value.is_string() ? std::stod(value.get<std::string>()) : value.get<double>();
}

template <class T>
std::vector<T> listOf(const json& values)
{
    std::vector<T> list;
    for (const json& value : values) {
        list.push_back(static_cast<T>(numberOf(value)));
    }
    return list;
}

bool isClose(double found, const json& wanted)
{
    if (wanted.is_object()) { // the reference raises: there is none
        return std::isnan(found);
    }
    const double want = numberOf(wanted);
    return std::isnan(want) ? std::isnan(found)
                            : std::abs(found - want) <= 1e-9 * std::max(1e-3, std::abs(want));
}

} // namespace

class AgreementTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void classes_areThePeers()
    {
        int count = 0;
        for (const json& set : sets()) {
            const json& wanted = set.at("metrics");
            if (wanted.contains("pearson")) {
                continue;
            }
            const auto found = core::agreementOf(listOf<std::int64_t>(set.at("predictions")),
                                                 listOf<std::int64_t>(set.at("labels")));
            const std::string of = set.dump();
            QVERIFY2(isClose(found.accuracy, wanted.at("accuracy")), of.c_str());
            QVERIFY2(isClose(found.matthews, wanted.at("matthews")), of.c_str());
            QVERIFY2(isClose(found.macroF1, wanted.at("f1_macro")), of.c_str());
            QVERIFY2(isClose(found.f1.value_or(std::nan("")), wanted.at("f1")), of.c_str());
            ++count;
        }
        QVERIFY(count > 100);
    }

    void numbers_areThePeers()
    {
        int count = 0;
        for (const json& set : sets()) {
            const json& wanted = set.at("metrics");
            if (!wanted.contains("pearson")) {
                continue;
            }
            const auto found = core::correlationOf(listOf<double>(set.at("predictions")),
                                                   listOf<double>(set.at("labels")));
            const std::string of = set.dump();
            if (!set.contains("unstable")) {
                QVERIFY2(isClose(found.pearson, wanted.at("pearson")), of.c_str());
            }
            QVERIFY2(isClose(found.spearman, wanted.at("spearman")), of.c_str());
            ++count;
        }
        QVERIFY(count > 40);
    }

    void ofNothing_thereIsNothing()
    {
        QVERIFY(std::isnan(core::agreementOf({}, {}).accuracy));
        QVERIFY(!core::agreementOf({}, {}).f1);
        QVERIFY(std::isnan(core::correlationOf({}, {}).spearman));
    }
};

QTEST_GUILESS_MAIN(AgreementTest)
#include "tst_agreement.moc"
