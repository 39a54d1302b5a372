// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/pages.h"

#include "ui/pages/chat/chat_page.h"
#include "ui/pages/compare/compare_page.h"
#include "ui/pages/data/data_page.h"
#include "ui/pages/evaluate/evaluate_page.h"
#include "ui/pages/model/model_page.h"
#include "ui/pages/quantize/quantize_page.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/pages/spectrum/spectrum_page.h"
#include "ui/pages/sweep/sweep_page.h"
#include "ui/pages/train/train_page.h"

#include <array>

namespace pissarro::ui {

namespace {

template <class OnePage>
Page* make(Services& services, QWidget* parent)
{
    return new OnePage(services, parent);
}

constexpr std::array kPages {
    PageEntry {"model", QT_TRANSLATE_NOOP("pissarro::ui::MainWindow", "&Model"), Needs::Nothing,
               make<ModelPage>},
    PageEntry {"spectrum", QT_TRANSLATE_NOOP("pissarro::ui::MainWindow", "&Spectrum"), Needs::Model,
               make<SpectrumPage>},
    PageEntry {"quantize", QT_TRANSLATE_NOOP("pissarro::ui::MainWindow", "&Quantize"), Needs::Model,
               make<QuantizePage>},
    PageEntry {"data", QT_TRANSLATE_NOOP("pissarro::ui::MainWindow", "&Data"), Needs::Nothing,
               make<DataPage>},
    PageEntry {"train", QT_TRANSLATE_NOOP("pissarro::ui::MainWindow", "&Train"), Needs::ModelOrRun,
               make<TrainPage>},
    PageEntry {"sweep", QT_TRANSLATE_NOOP("pissarro::ui::MainWindow", "S&weep"), Needs::Nothing,
               make<SweepPage>, /*takesPaths=*/true},
    PageEntry {"runs", QT_TRANSLATE_NOOP("pissarro::ui::MainWindow", "&Runs"), Needs::Nothing,
               make<RunsPage>},
    PageEntry {"compare", QT_TRANSLATE_NOOP("pissarro::ui::MainWindow", "Com&pare"), Needs::Nothing,
               make<ComparePage>, /*takesPaths=*/true},
    PageEntry {"evaluate", QT_TRANSLATE_NOOP("pissarro::ui::MainWindow", "Ev&aluate"),
               Needs::Nothing, make<EvaluatePage>, /*takesPaths=*/true},
    PageEntry {"chat", QT_TRANSLATE_NOOP("pissarro::ui::MainWindow", "&Chat"), Needs::Model,
               make<ChatPage>},
};

} // namespace

std::span<const PageEntry> allPages()
{
    return kPages;
}

} // namespace pissarro::ui
