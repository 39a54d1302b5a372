// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/caches.h"
#include "ui/services/change_stack.h"
#include "ui/services/chat.h"
#include "ui/services/comparison.h"
#include "ui/services/data.h"
#include "ui/services/evaluations.h"
#include "ui/services/exports.h"
#include "ui/services/machine.h"
#include "ui/services/measurements.h"
#include "ui/services/model.h"
#include "ui/services/models_at_hand.h"
#include "ui/services/overlay.h"
#include "ui/services/quant_bench.h"
#include "ui/services/rank_choice.h"
#include "ui/services/rate_advice.h"
#include "ui/services/recent.h"
#include "ui/services/reports.h"
#include "ui/services/run_library.h"
#include "ui/services/run_pair.h"
#include "ui/services/spectra.h"
#include "ui/services/sweep_planner.h"
#include "ui/services/sweep_queue.h"
#include "ui/services/training.h"

#include <QStringList>
#include <QVector>

namespace pissarro::ui {

// All that pages share: each takes what it needs of it. It outlives every page. A new service is a member here, a line in
// services.cpp where it holds what belongs to the model or where its failures are told above the pages, and its use.
// Threads: the GUI thread; work runs behind the services' JobBridges.
struct Services {
    Services();
    ~Services();
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;

    QVector<Service*> toldAbovePages(); // those whose failures are
    // Models, runs, adapters and data that any of them reads, by the names that a person gave: no save writes over one.
    QStringList inUse() const;

    // Steps of a person that can be taken back: forms filled from a run or a file, changes of the rank map.
    ChangeStack undoStack;
    Recent recent;
    Machine machine; // what it can do
    Caches caches; // what is kept between runs
    Model model; // the open one
    Spectra spectra; // of its matrices
    Data data; // the open rows
    RunLibrary library; // runs on disk
    Overlay overlay; // of runs over one another
    RunPair pair; // two of them closely
    Reports reports; // of them; its failures are told where one is asked for
    Overlay drawn; // the same of those that are checked in the list of runs
    Evaluations evaluations; // of models and runs on tasks
    Exports exports; // of runs
    RankChoice ranks; // of the next adapter
    RateAdvice rates; // for it; its failures are told where it is asked
    Comparison comparison; // of the open model with a tuned one
    FastSvdMeter fastSvd;
    QuantBench quantBench; // what four bits leave
    RankSearch rankSearch; // what it finds is set as the rank map
    Chat chat; // with the open model; its failures are told where it is asked
    SweepPlanner sweepPlanner; // of a draft; its failures are told beside the draft
    SweepQueue sweepQueue; // the open sweep
    Training training; // the run in progress
    ModelsAtHand modelsAtHand; // on this machine
};

} // namespace pissarro::ui
