// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/file_dialogs.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QFileDialog>
#include <QGuiApplication>
#include <QMimeData>
#include <QUrl>

namespace pissarro::ui {

namespace {

QFileDialog* makeDialog(QWidget* parent, const QString& objectName, const QString& title,
                        const QString& filter, std::function<void(const QString& path)> take)
{
    auto* dialog = new QFileDialog(parent, title, {}, filter);
    dialog->setObjectName(objectName);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, std::move(take));
    return dialog;
}

} // namespace

void askToSave(QWidget* parent, const QString& title, const QString& name, const QString& filter,
               std::function<void(const QString& path)> take)
{
    QFileDialog* dialog =
        makeDialog(parent, QStringLiteral("dialog.save"), title, filter, std::move(take));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->selectFile(name);
    dialog->open();
}

void askToOpen(QWidget* parent, const QString& title, const QString& filter,
               std::function<void(const QString& path)> take)
{
    QFileDialog* dialog =
        makeDialog(parent, QStringLiteral("dialog.open"), title, filter, std::move(take));
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->open();
}

void askForFolder(QWidget* parent, const QString& title,
                  std::function<void(const QString& path)> take)
{
    QFileDialog* dialog =
        makeDialog(parent, QStringLiteral("dialog.open"), title, {}, std::move(take));
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    dialog->open();
}

QString dataFilter()
{
    return QCoreApplication::translate(
        "pissarro::ui::FileDialogs",
        "Rows (*.jsonl *.json *.csv *.tsv *.txt *.gz *.zst);;All files (*)");
}

QString openFolder(const QString& folder)
{
    if (QDesktopServices::openUrl(QUrl::fromLocalFile(folder))) {
        return {};
    }
    QGuiApplication::clipboard()->setText(folder);
    return QCoreApplication::translate("pissarro::ui::FileDialogs",
                                       "%1: no file manager of this desktop opens it (the path is "
                                       "copied)")
        .arg(folder);
}

QStringList filesOf(const QMimeData& mime)
{
    QStringList paths;
    for (const QUrl& url : mime.urls()) {
        if (url.isLocalFile()) {
            paths.append(url.toLocalFile());
        }
    }
    return paths;
}

} // namespace pissarro::ui
