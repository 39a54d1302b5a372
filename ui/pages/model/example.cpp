// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/example.h"

#include "core/base/error.h"
#include "core/text/json_text.h"

#include <QFile>

#include <numeric>
#include <vector>

namespace pissarro::ui {

namespace {

const QString kFile = QStringLiteral(":/demo/example.json");

RunSeries lossesIn(const nlohmann::json& losses)
{
    RunSeries series;
    core::StepRecord record;
    for (const auto& loss : losses) {
        ++record.step;
        record.loss = loss.get<double>();
        series.append(record);
    }
    return series;
}

} // namespace

Example readExample()
{
    QFile file(kFile);
    if (!file.open(QIODevice::ReadOnly)) {
        throw core::Error(core::ErrorKind::Internal, "the example is not in the program");
    }
    const auto json = core::parseJson(file.readAll().toStdString());
    try {
        Example example;
        const auto& matrix = json.at("matrix");
        example.spectrum.values = matrix.at("singular_values").get<std::vector<double>>();
        example.spectrum.rows = matrix.at("shape").at(0).get<std::int64_t>();
        example.spectrum.cols = matrix.at("shape").at(1).get<std::int64_t>();
        const auto& values = example.spectrum.values;
        example.spectrum.squaredNorm =
            std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
        const auto& runs = json.at("runs");
        example.rank = runs.at("rank").get<std::int64_t>();
        example.parametersPerRank = runs.at("trainable").get<std::int64_t>() / example.rank;
        example.largestRank = json.at("largest_rank").get<std::int64_t>();
        example.modelParameters = json.at("model_parameters").get<std::int64_t>();
        example.pissa = lossesIn(runs.at("pissa"));
        example.lora = lossesIn(runs.at("lora"));
        return example;
    } catch (const nlohmann::json::exception& error) {
        throw core::Error(core::ErrorKind::Internal,
                          std::string("the example in the program: ") + error.what());
    }
}

} // namespace pissarro::ui
