// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFileDialog>

namespace pissarro::ui {

// Takes a file, or a folder that is a model: when it is named, and when a person walks into it; or an id of the local Hugging
// Face cache, as "organisation/name", typed in place of a name. fileSelected() tells any.
class ModelDialog : public QFileDialog {
    Q_OBJECT

public:
    ModelDialog(QWidget* parent, const QString& title);

    void accept() override;

private:
    void choose(const QString& folder);
};

} // namespace pissarro::ui
