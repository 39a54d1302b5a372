// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QFrame>
#include <QTimer>

class QLabel;
class QProgressBar;
class QPushButton;

namespace pissarro::ui {

class ElidedLabel;
struct Services;
struct SweepLook;

// The 28 px strip at the bottom: what runs, how far it is, step and time left; the run folder at the right. Training comes
// before a model that is being opened, then what stands on the JobBoard, the open sweep of runs, the sweep of spectra;
// «Ready» is said when there is none of them. What stands on the JobBoard can be cancelled here, each for itself.
class StatusStrip : public QFrame {
    Q_OBJECT

public:
    StatusStrip(Services& services, QWidget* parent = nullptr);

private:
    void followServices();
    void sweepStateChanged();
    void trainingStateChanged();
    void showState();
    const SweepLook* sweepAtWork() const;
    void showQueue(); // of a sweep of runs
    void showSweep(); // over the spectra
    void showTraining();
    void showTrained();
    void show(const QString& what, double fraction,
              const QString& detail); // fraction below 0: unknown
    void showFolder();
    void showCancel();
    void offerUndo(const QString& told);
    void sayWhatRuns();
    bool hidesJobs() const;
    void cancel(); // the only job there is, or that which a person chooses
    QString methods() const; // "PiSSA + LoRA"

    Services& m_services;
    QLabel* m_what;
    QProgressBar* m_bar;
    QLabel* m_detail;
    QPushButton* m_cancel;
    QPushButton* m_undo; // «Archived PiSSA r16. Undo», for a while
    QTimer m_undoTime;
    ElidedLabel* m_folder;
    QString m_opening; // a model being opened; empty: none
    QString m_stage; // of the training, before its first step
    double m_fraction = -1.0;
    QElapsedTimer m_sweepClock;
    int m_sweepFrom = 0; // spectra that were there when the sweep began
    double m_sweepSeconds = 0.0; // of the last whole sweep
    bool m_sweepCached = false;
    QString m_saidOf; // what a screen reader was told last, and of which tenth of it
    int m_saidTenth = -1;
    bool m_justTrained = false; // a run ended since a model was opened
};

} // namespace pissarro::ui
