// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_bridge.h"

#include <QDialog>
#include <QPair>
#include <QString>
#include <QVector>

class QFormLayout;
class QLabel;
class QListWidget;
class QPushButton;

namespace pissarro::ui {

class Card;
struct Services;

// Languages that the window may speak: code and name, "ja" and "日本語".
using LanguageList = QVector<QPair<QString, QString>>;

// What a person sets once: the look, where runs are, what closing does, threads, the cache; and what this machine has. Each
// change counts at once and is written by its own key (settings.h), so that windows that are open at once merge; what counts
// from the next start on says so. Paths are chosen in Qt's dialog, never typed: completing them by QFileSystemModel would ask
// the disk on this thread, where one that is away makes the window wait.
class SettingsDialog : public QDialog {
    Q_OBJECT

public:
    // languages: where there are two or more, a person chooses, "system" among them.
    SettingsDialog(Services& services, const LanguageList& languages, QWidget* parent = nullptr);

private:
    Card* makeLook(const LanguageList& languages);
    Card* makeRuns();
    Card* makeComputing();
    Card* makeMachine();
    void addClosing(QFormLayout* form);
    void addLanguage(QFormLayout* form, const LanguageList& languages);
    void showFolders();
    void showCaches();
    void showMachine();
    void chooseFolder();

    Services& m_services;
    QListWidget* m_folders;
    QPushButton* m_remove;
    QLabel* m_cache;
    QPushButton* m_clear;
    QLabel* m_devices;
    QLabel* m_free;
    QLabel* m_trainer;
    JobBridge m_looking; // at the disk; last: destroyed first
};

// Opens it over the window, or brings it to the front.
void showSettings(Services& services, QWidget* window);

} // namespace pissarro::ui
