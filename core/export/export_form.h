// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline exports {

class RunExport; // run_export_p.h
struct ExportOptions; // export_run.h
struct ExportReport; // export_run.h

// Where a form is written: `folder` beside the place that it will have.
struct ExportPlace {
    std::filesystem::path folder;
    std::filesystem::path target; // that place, absolute
    std::filesystem::path asked; // the same as it was asked for
};

// What other programs are given of a run. Each is one file of core/export, and export_forms.cpp lists them.
struct ExportFormInfo {
    std::string_view name; // "lora": files, flags
    std::string_view
        title; // "LoRA adapter": what a person reads, where the window has no words of its own
    std::string_view help; // "a plain LoRA for the untouched base": of the flag
    bool ofFull = false; // a full fine-tuning has it too
    bool writesBase = true; // weights of a base are written, in a type that may be chosen
    // Writes it and proves it. Throws: as exportRun().
    void (*write)(RunExport& run, const ExportPlace& place, const ExportOptions& options,
                  ExportReport& report) = nullptr;
};

// The base that was trained on is PiSSA's residual, or one in four bits as it is, unless a dtype asks for it dequantized.
extern const ExportFormInfo kLoraForm; // a plain LoRA for the untouched base, in PEFT layout
extern const ExportFormInfo
    kPairForm; // the base that was trained on, and beside it the adapter as trained
extern const ExportFormInfo kMergedForm; // one model: the untouched base plus the update

// A handle to one of the list; two are equal when they are the same. What code asks for by name is named here.
class ExportForm {
public:
    static const ExportForm Lora, Pair, Merged;

    explicit constexpr ExportForm(const ExportFormInfo& info)
        : m_info(&info)
    {
    }

    const ExportFormInfo& info() const { return *m_info; }

    friend bool operator==(ExportForm a, ExportForm b) { return a.m_info == b.m_info; }

private:
    const ExportFormInfo* m_info;
};

inline constexpr ExportForm ExportForm::Lora {kLoraForm};
inline constexpr ExportForm ExportForm::Pair {kPairForm};
inline constexpr ExportForm ExportForm::Merged {kMergedForm};

const std::vector<ExportForm>& allExportForms(); // lists keep this order
std::string exportFormNames(std::string_view between = ", "); // "lora, pair, merged"
std::string_view exportFormName(ExportForm form); // "lora"
ExportForm parseExportForm(std::string_view text); // Throws: Error{InvalidArgument}

} // namespace pissarro::core::inline exports
