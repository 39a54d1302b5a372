// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/recent.h"

#include <QSettings>

namespace pissarro::ui {

namespace {
constexpr qsizetype kMost = 8;
const QString kKey = QStringLiteral("recent/models");
} // namespace

Recent::Recent(QObject* parent)
    : QObject(parent)
    , m_models(QSettings().value(kKey).toStringList())
{
}

void Recent::addModel(const QString& path)
{
    m_models.removeAll(path);
    m_models.prepend(path);
    m_models = m_models.mid(0, kMost);
    store();
}

void Recent::removeModel(const QString& path)
{
    if (m_models.removeAll(path) > 0) {
        store();
    }
}

void Recent::clear()
{
    m_models.clear();
    store();
}

void Recent::store()
{
    QSettings().setValue(kKey, m_models);
    Q_EMIT changed();
}

} // namespace pissarro::ui
