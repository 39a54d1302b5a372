// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/recent.h"

#include "ui/services/settings.h"

#include <utility>

namespace pissarro::ui {

namespace {
constexpr qsizetype kMost = 8;
} // namespace

Recent::Recent(QObject* parent)
    : QObject(parent)
    , m_models(stored(setting::kRecentModels))
{
}

void Recent::addModel(const QString& path)
{
    change([&path](QStringList& models) {
        models.removeAll(path);
        models.prepend(path);
        models = models.mid(0, kMost);
    });
}

void Recent::removeModel(const QString& path)
{
    change([&path](QStringList& models) { models.removeAll(path); });
}

void Recent::clear()
{
    change([](QStringList& models) { models.clear(); });
}

void Recent::change(const std::function<void(QStringList&)>& how)
{
    const QStringList before = std::exchange(m_models, storeChange(setting::kRecentModels, how));
    if (before != m_models) {
        Q_EMIT changed();
    }
}

} // namespace pissarro::ui
