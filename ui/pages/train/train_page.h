// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_spec.h"
#include "ui/jobs/job_bridge.h"
#include "ui/views/page.h"
#include "ui/words/twin_rates.h"

#include <cstdint>
#include <functional>
#include <optional>

class QAction;
class QPushButton;
class QSplitter;

namespace pissarro::ui {

class Card;
class DetailCard;
class LossCard;
class MemoryBar;
class ProgressCard;
class SampleCard;
class TrainForm;

// The Train page: the form at the left, the live curves of the run and its twins, what the loss
// sees.
class TrainPage : public Page {
    Q_OBJECT

public:
    explicit TrainPage(Services& services, QWidget* parent = nullptr);

    // Fills the form from a run's spec ("use as template") and opens its model and data; the run
    // folder gets a fresh name. The step goes onto Services::undoStack.
    // `what` it then holds, for the notice; empty: the settings of another run.
    void useAsTemplate(const core::RunSpec& spec, const QString& what = {});
    TrainForm* form() const { return m_form; }
    LossCard* lossCard() const { return m_loss; }

    // A spec file, as «Save spec…» and «Load spec…» do it. Failures go to the banner.
    void saveSpec(const QString& path);
    void loadSpec(const QString& path);

    // Asks before an order goes to a run that another window or program started, or a run is to wait behind another, and
    // calls `yes` for yes. The default is a message box; a test answers by itself.
    using OrderAsker = std::function<void(const QString& question, std::function<void()> yes)>;
    void setOrderAsker(OrderAsker asker);
    void findTwinRate(); // by a ramp, now; while one is under way: no more

    Invitation invitation() const override;
    bool takes(PathKind kind) const override { return kind == PathKind::Data; }
    // A core::RunSpec: useAsTemplate(). A DemoOrder: that, and it starts as soon as nothing hinders it.
    void take(const QVariant& with) override;
    void saveState(QSettings& session) const override; // the form, while a model is open
    // Opens model and data again and fills the form; where that did not come to its end last time it only offers to.
    void offerState(QSettings& session) override;
    void showNextSteps(const QVector<NextStep>& steps) override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    static constexpr int kFormWidth = 304; // px, one place of the form

    struct Filling;
    class Refill;
    void replaceForm(const core::RunSpec& spec, const QString& what);
    void fill(const Filling& filling);
    void tellChange(); // of what saveState() saves
    QString stateOfForm() const; // as JSON; empty: a field holds no number
    Card* buildFormCard();
    QWidget* buildContent();
    void buildActions();
    static QPushButton* buttonFor(QAction* action, const char* name);
    void connectServices();
    void connectWidgets();
    struct Start {
        core::RunSpec spec;
        QVector<core::Method> twins;
        QString directory;
        TwinRates rates = {};
    };
    void start();
    void ask(const Start& wanted); // where a run of this window is in progress
    void begin(const Start& wanted); // now, or behind that run
    void resume(); // the run shown, from its newest checkpoint
    void setPaused(bool paused);
    void stop();
    void beginAnew(); // the settings of the run shown, in another folder
    void steer(const QString& ask, const std::function<void()>& order);
    void copyCommand();
    void chooseSpec(bool save);
    void showModel();
    void showPace(); // of the last run of the model; of a run in progress nothing is known yet
    void showData();
    void showForm(); // label of the start button, memory
    void showMemory();
    void showState(); // of the training
    void showDisk();
    void showMachine();
    void showRecords();
    void showRecordsInSight(); // curves
    void showMeasuredMemory();
    void showRamp(); // and what it has found
    void lookAtOrder(); // of the methods, in earlier runs
    void showOrder();

    Services& m_services;
    JobBridge m_specs; // reads a chosen one
    QString m_specFile; // which
    TrainForm* m_form;
    MemoryBar* m_memory;
    LossCard* m_loss;
    DetailCard* m_detail;
    ProgressCard* m_progress;
    SampleCard* m_sample;
    QAction* m_start = nullptr;
    QAction* m_pause = nullptr;
    QAction* m_stop = nullptr;
    QAction* m_copy = nullptr;
    QAction* m_save = nullptr;
    QAction* m_load = nullptr;
    std::int64_t m_memoryOfAll = 0; // bytes of the machine, as they are shown; 0: not known yet
    QString m_stage; // what the training does before its first step
    double m_fraction = -1.0;
    OrderAsker m_orderAsker;
    QString m_refilled; // headline of the notice that offers «Undo»
    Card* m_formCard = nullptr;
    QWidget* m_smallButtons = nullptr; // the menu has them too
    QSplitter* m_columns = nullptr;
    bool m_wide = false; // there is room for three columns
    bool m_startsSoon = false; // a DemoOrder waits for its model and data
    QString m_kept; // by the last stateToKeep()
    std::optional<core::RunSpec> m_loaded; // the form holds it, its model is being opened
};

} // namespace pissarro::ui
