// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QSettings>
#include <QString>
#include <QStringList>
#include <QVariant>
#include <QVariantMap>

#include <functional>

namespace pissarro::ui {

// A value that outlives the window: its key, and what it is until it is written. Every one stands below, so that no two
// places write one key in two types; but what a page keeps (Page::saveState()) and the places of splitters, which go by
// names of their own.
template <class Value>
struct Setting {
    const char* key;
    Value standard;
};

namespace setting {

inline const Setting<int> kTheme {"window/theme", 0}; // a ThemeMode
// "system", or the code of one of ui/words/language.h's languages(); spoken from the next start on.
inline const Setting<QString> kLanguage {"window/language", QStringLiteral("system")};
inline const Setting<int> kTextPercent {"window/textPercent", 100}; // of the system's text
inline const Setting<QByteArray> kGeometry {"window/geometry", {}};
inline const Setting<QString> kPage {"window/page", {}}; // its id; earlier versions wrote its place
inline const Setting<QString> kCloseAnswer {"close/training",
                                            {}}; // "keep" or "stop"; else it is asked
inline const Setting<QStringList> kRecentModels {"recent/models", {}};
inline const Setting<QStringList> kModelFolders {"models/folders", {}}; // added by hand
inline const Setting<QStringList> kRunFolders {"runs/folders", {}}; // added by hand
inline const Setting<QStringList> kOtherRuns {"runs/others", {}}; // of other programs
// Folders of runs for which a person agreed that programs which a model wrote are run, in the sandbox.
inline const Setting<QStringList> kRunsCode {"evaluate/runsCode", {}};
// From the next start on (start_environment.h).
inline const Setting<int> kThreads {"compute/threads", 0}; // 0: as many as there are
inline const Setting<int> kCacheMb {"cache/mb", 4096}; // 0: nothing is kept
// Seconds that this machine took last for a unit of core::spectrumWork(), of spectra and of errors in four bits; 0: not known.
inline const Setting<double> kSpectrumPace {"pace/spectrum", 0.0};
inline const Setting<double> kQuantPace {"pace/quantization", 0.0};
// By a model's path: seconds for a token of its last run in this program, of one method.
inline const Setting<QVariantMap> kTrainingPace {"pace/training", {}};
inline const Setting<bool> kTrainsInProcess {"train/inProcess", true}; // of its own
inline const Setting<QString> kLastRun {"train/last", {}}; // its folder
inline const Setting<QString> kLastHost {"train/lastHost", {}}; // where its window ran
inline const Setting<qulonglong> kLastUser {"train/lastUser", 0};
inline const Setting<qlonglong> kLastWindow {"train/lastWindow", 0}; // process of that window
inline const Setting<qlonglong> kLastProcess {"train/lastProcess", 0}; // that trains; 0: the window

} // namespace setting

// Windows that are open at once share the settings: each writes the keys that it changes, and nothing else.
template <class Value>
Value stored(const Setting<Value>& setting)
{
    return QSettings()
        .value(QLatin1String(setting.key), QVariant::fromValue(setting.standard))
        .template value<Value>();
}

template <class Value>
void store(const Setting<Value>& setting, const Value& value)
{
    QSettings().setValue(QLatin1String(setting.key), QVariant::fromValue(value));
}

template <class Value>
void forget(const Setting<Value>& setting)
{
    QSettings().remove(QLatin1String(setting.key));
}

// Changes a list as it stands there now, with what other windows have written since this one read it, and returns it. Two
// windows that do so at once come one after the other.
QStringList storeChange(const Setting<QStringList>& setting,
                        const std::function<void(QStringList&)>& change);

} // namespace pissarro::ui
