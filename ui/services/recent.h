// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QStringList>

#include <functional>

namespace pissarro::ui {

// The models opened last, newest first, remembered between sessions. Windows that are open at once share the list.
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
    void change(const std::function<void(QStringList&)>& how); // with what other windows wrote
    QStringList m_models;
};

} // namespace pissarro::ui
