// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/weight_codes.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/json_fields.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <nlohmann/json.hpp>
#include <string>

namespace pissarro::core::inline model {

namespace {

using nlohmann::json;

constexpr std::int64_t kLargestGroup = 1 << 24;
constexpr std::int64_t kLargestBlock = 1 << 20;

[[noreturn]] void refuse(const std::string& form)
{
    throw Error(
        ErrorKind::Format,
        fmt::format("quantization_config is {}, a form of quantised weights that is not read "
                    "(expected bitsandbytes, fp8, or gptq or awq of 4 bits); dequantize the "
                    "model with the program that made it, or take the plain one or a GGUF",
                    form));
}

std::string textOf(const JsonFields& fields, const char* key, const char* otherwise)
{
    return fields.text(key).value_or(otherwise);
}

void requireFourBits(const JsonFields& fields, const std::string& method)
{
    const std::int64_t bits =
        fields.whole("bits", 1, 64).value_or(fields.whole("w_bit", 1, 64).value_or(4));
    if (bits != 4) {
        refuse(fmt::format("{} of {} bits", method, bits));
    }
}

std::int64_t groupSizeOf(const JsonFields& fields, const char* key)
{
    return fields.whole(key, -1, kLargestGroup).value_or(128);
}

WeightCodes gptq(const JsonFields& fields)
{
    requireFourBits(fields, "gptq");
    // Marlin, Bitblas and others pack for one kernel.
    const std::string format = textOf(fields, "checkpoint_format", "gptq");
    if (format != "gptq" && format != "gptq_v2") {
        refuse(fmt::format("gptq in the format {}", shownText(format, 24)));
    }
    return {.packing = WeightCodes::Packing::Gptq,
            .groupSize = groupSizeOf(fields, "group_size"),
            .zeroIsOneLess = format == "gptq"};
}

WeightCodes awq(const JsonFields& fields)
{
    requireFourBits(fields, "awq");
    std::string version = textOf(fields, "version", "gemm");
    version = textOf(fields, "format", version.c_str());
    if (version != "gemm" && version != "GEMM") {
        refuse(fmt::format("awq packed for {}", shownText(version, 24)));
    }
    if (!fields.flag("zero_point", true)) {
        refuse("awq without zero points");
    }
    return {.packing = WeightCodes::Packing::Awq,
            .groupSize =
                groupSizeOf(fields, fields.contains("group_size") ? "group_size" : "q_group_size")};
}

WeightCodes fp8(const json& quantization)
{
    WeightCodes how;
    if (const auto block = quantization.find("weight_block_size");
        block != quantization.end() && !block->is_null()) {
        const auto sides = jsonAs<std::vector<std::int64_t>>(*block);
        if (!sides || sides->size() != 2 || sides->front() < 1 || sides->back() < 1
            || sides->front() > kLargestBlock || sides->back() > kLargestBlock) {
            throw Error(ErrorKind::Format,
                        "weight_block_size of quantization_config is " + shownValue(*block)
                            + " (expected two whole numbers, as [128, 128])");
        }
        how.blockRows = sides->front();
        how.blockCols = sides->back();
    }
    return how;
}

} // namespace

WeightCodes weightCodesOf(const json* quantization)
{
    if (quantization == nullptr || quantization->is_null()) {
        return {};
    }
    if (!quantization->is_object()) {
        throw Error(ErrorKind::Format,
                    "quantization_config is " + shownValue(*quantization)
                        + " (expected an object with quant_method)");
    }
    const JsonFields fields(*quantization);
    const bool inFour = fields.flag("load_in_4bit", false);
    const bool inEight = fields.flag("load_in_8bit", false);
    const std::string method =
        textOf(fields, "quant_method", inFour || inEight ? "bitsandbytes" : "");
    if (method == "bitsandbytes" && (inFour || inEight)) {
        return {}; // said by the tensors themselves
    }
    if (method == "gptq") {
        return gptq(fields);
    }
    if (method == "awq") {
        return awq(fields);
    }
    const std::string format = textOf(fields, "format", "");
    const bool isCompressed = method == "compressed-tensors"
        && (format == "float-quantized" || format == "naive-quantized");
    const bool isModelOpt = method == "modelopt" && textOf(fields, "quant_algo", "FP8") == "FP8";
    if (method == "fp8" || method == "fbgemm_fp8" || isCompressed || isModelOpt) {
        return fp8(*quantization);
    }
    refuse(method.empty()
               ? "without a quant_method"
               : fmt::format("{}{}", shownText(method, 24),
                             format.empty() ? std::string()
                                            : fmt::format(" ({})", shownText(format, 24))));
}

} // namespace pissarro::core::inline model
