// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/enum_names.h"

#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline dataset {

// How a row becomes a prompt. Each is a row of prompt_templates.cpp; nothing else names it.
struct PromptTemplateInfo {
    std::string_view name; // "alpaca": files, flags
    std::string_view
        title; // "Alpaca": what a person reads, where the window has no words of its own
    std::string_view help; // what it makes of a row, in a sentence
    // What is asked, ready to be answered; null: the model's own chat template makes it, which needs its tokenizer and
    // writes special tokens itself.
    std::string (*prompt)(const std::string& asked) = nullptr;
};

extern const PromptTemplateInfo kAlpacaTemplate, kChatTemplate, kPlainTemplate;

// A handle to a row; two are equal when their row is the same. What code asks for by name is named here.
class PromptTemplate {
public:
    // Alpaca is the paper's: "Below is an instruction … ### Response:" without a trailing space.
    static const PromptTemplate Alpaca, Chat, Plain;

    constexpr PromptTemplate()
        : m_info(&kAlpacaTemplate)
    {
    }
    explicit constexpr PromptTemplate(const PromptTemplateInfo& info)
        : m_info(&info)
    {
    }

    const PromptTemplateInfo& info() const { return *m_info; }
    bool isModels() const { return m_info->prompt == nullptr; } // the model's own chat template

    friend bool operator==(PromptTemplate a, PromptTemplate b) { return a.m_info == b.m_info; }

private:
    const PromptTemplateInfo* m_info;
};

inline constexpr PromptTemplate PromptTemplate::Alpaca {kAlpacaTemplate};
inline constexpr PromptTemplate PromptTemplate::Chat {kChatTemplate};
inline constexpr PromptTemplate PromptTemplate::Plain {kPlainTemplate};

const std::vector<PromptTemplate>& allPromptTemplates(); // lists keep this order
const std::vector<Named<PromptTemplate>>& promptTemplateNames();

// Throws: Error{InvalidArgument} naming those there are.
PromptTemplate parsePromptTemplate(std::string_view name);
// The names of those that write a prompt without the model: "alpaca and plain".
std::string ownPromptTemplates();

} // namespace pissarro::core::inline dataset

namespace pissarro::core {

template <>
struct EnumNames<PromptTemplate> {
    inline static const std::vector<Named<PromptTemplate>> all = promptTemplateNames();
};

} // namespace pissarro::core
