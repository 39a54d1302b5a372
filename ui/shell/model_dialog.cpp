// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/model_dialog.h"

#include <QFileInfo>
#include <QLineEdit>
#include <QRegularExpression>

namespace pissarro::ui {

namespace {

bool isModel(const QString& folder)
{
    return QFileInfo(folder).isDir() && QFileInfo::exists(folder + QStringLiteral("/config.json"));
}

// "organisation/name"; a name alone may be a file that is not there.
bool isId(const QString& text)
{
    static const QRegularExpression kId(QStringLiteral("^[A-Za-z0-9][\\w.-]*/[\\w.-]*[\\w]$"));
    return kId.match(text).hasMatch() && !text.endsWith(QLatin1String(".gguf"));
}

} // namespace

ModelDialog::ModelDialog(QWidget* parent, const QString& title)
    : QFileDialog(parent, title)
{
    setOption(DontUseNativeDialog); // those of desktops take one kind or the other
    setFileMode(ExistingFile);
    setLabelText(FileName, tr("Path or id:"));
    connect(this, &QFileDialog::directoryEntered, this, [this](const QString& folder) {
        if (isModel(folder)) {
            choose(folder);
        }
    });
}

void ModelDialog::accept()
{
    const auto* edit = findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
    const QString typed = edit != nullptr ? edit->text().trimmed() : QString();
    if (isId(typed) && !directory().exists(typed)) {
        choose(typed);
        return;
    }
    const QString named = selectedFiles().value(0);
    isModel(named) ? choose(named) : QFileDialog::accept();
}

void ModelDialog::choose(const QString& folder)
{
    QDialog::accept();
    Q_EMIT fileSelected(folder);
}

} // namespace pissarro::ui
