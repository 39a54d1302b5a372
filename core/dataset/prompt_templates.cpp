// SPDX-License-Identifier: GPL-3.0-or-later
// The prompt templates: another one is a row here and its place in the list.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/prompt_template.h"
#include "core/text/message_text.h"

#include <algorithm>

namespace pissarro::core::inline dataset {

namespace {

// Source: tatsu-lab/stanford_alpaca without its input section, as GraphPKU/PiSSA trains.
std::string alpaca(const std::string& asked)
{
    return "Below is an instruction that describes a task. Write a response that appropriately "
           "completes the request.\n\n### Instruction:\n"
        + asked + "\n\n### Response:";
}

std::string plain(const std::string& asked)
{
    return asked;
}

} // namespace

const PromptTemplateInfo kAlpacaTemplate {
    "alpaca", "Alpaca", "the paper's: Below is an instruction … ### Response:, then the answer",
    alpaca};
const PromptTemplateInfo kChatTemplate {
    "chat", "chat", "the model's own chat template, with its roles and end marks", nullptr};
const PromptTemplateInfo kPlainTemplate {
    "plain", "plain", "the row's own text and nothing else, then the answer", plain};

const std::vector<PromptTemplate>& allPromptTemplates()
{
    static const std::vector<PromptTemplate> all {PromptTemplate::Alpaca, PromptTemplate::Chat,
                                                  PromptTemplate::Plain};
    return all;
}

const std::vector<Named<PromptTemplate>>& promptTemplateNames()
{
    static const std::vector<Named<PromptTemplate>> names = [] {
        std::vector<Named<PromptTemplate>> made;
        for (const PromptTemplate one : allPromptTemplates()) {
            made.push_back({one, one.info().name});
        }
        return made;
    }();
    return names;
}

PromptTemplate parsePromptTemplate(std::string_view name)
{
    std::vector<std::string_view> known;
    for (const auto& [value, own] : promptTemplateNames()) {
        if (own == name) {
            return value;
        }
        known.push_back(own);
    }
    throw Error(
        ErrorKind::InvalidArgument,
        fmt::format("the prompt template \"{}\" is unknown (expected {})", name, listText(known)));
}

std::string ownPromptTemplates()
{
    std::string names;
    for (const PromptTemplate one : allPromptTemplates()) {
        if (!one.isModels()) {
            names += (names.empty() ? "" : " and ") + std::string(one.info().name);
        }
    }
    return names;
}

} // namespace pissarro::core::inline dataset
