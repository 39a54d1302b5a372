// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/drop_question.h"

#include <QCoreApplication>
#include <QMessageBox>
#include <QPushButton>

namespace pissarro::ui {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("pissarro::ui::DropQuestion", text);
}

} // namespace

void askToDrop(QWidget* parent, const QString& work, std::function<void()> drop)
{
    const QString name = QStringLiteral("drop.question");
    if (parent->findChild<QMessageBox*>(name) != nullptr) {
        return; // it is asked already
    }
    auto* box = new QMessageBox(QMessageBox::Question, tr("Not finished"), work,
                                QMessageBox::NoButton, parent);
    box->setObjectName(name);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    const QPushButton* yes = box->addButton(tr("Drop it"), QMessageBox::DestructiveRole);
    QPushButton* no = box->addButton(tr("Go on"), QMessageBox::RejectRole);
    box->setDefaultButton(no);
    box->setEscapeButton(no);
    QObject::connect(box, &QMessageBox::finished, parent, [box, yes, drop = std::move(drop)] {
        if (box->clickedButton() == yes) {
            drop();
        }
    });
    box->open();
}

} // namespace pissarro::ui
