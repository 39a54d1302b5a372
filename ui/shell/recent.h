// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QStringList>

namespace pissarro::ui {

// The models opened last, newest first, remembered between sessions.
class Recent : public QObject {
    Q_OBJECT

public:
    explicit Recent(QObject* parent = nullptr);

    const QStringList& models() const { return m_models; } // absolute paths, at most eight
    void addModel(const QString& path); // moves it to the front
    void removeModel(const QString& path);
    void clear();

Q_SIGNALS:
    void changed();

private:
    void store();
    QStringList m_models;
};

} // namespace pissarro::ui
