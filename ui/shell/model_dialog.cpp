// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/model_dialog.h"

#include <QFileInfo>

namespace pissarro::ui {

namespace {

bool isModel(const QString& folder)
{
    return QFileInfo(folder).isDir() && QFileInfo::exists(folder + QStringLiteral("/config.json"));
}

} // namespace

ModelDialog::ModelDialog(QWidget* parent, const QString& title)
    : QFileDialog(parent, title)
{
    setOption(DontUseNativeDialog); // those of desktops take one kind or the other
    setFileMode(ExistingFile);
    connect(this, &QFileDialog::directoryEntered, this, [this](const QString& folder) {
        if (isModel(folder)) {
            choose(folder);
        }
    });
}

void ModelDialog::accept()
{
    const QString named = selectedFiles().value(0);
    isModel(named) ? choose(named) : QFileDialog::accept();
}

void ModelDialog::choose(const QString& folder)
{
    QDialog::accept();
    Q_EMIT fileSelected(folder);
}

} // namespace pissarro::ui
