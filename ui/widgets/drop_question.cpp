// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/drop_question.h"

#include <QCoreApplication>
#include <QMessageBox>
#include <QPushButton>

namespace pissarro::ui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(pissarro::ui::DropQuestion)
};

} // namespace

void askToDrop(QWidget* parent, const QString& work, std::function<void()> drop)
{
    const QString name = QStringLiteral("drop.question");
    if (parent->findChild<QMessageBox*>(name) != nullptr) {
        return; // it is asked already
    }
    auto* box = new QMessageBox(QMessageBox::NoIcon, Words::tr("Not finished"), work,
                                QMessageBox::NoButton, parent);
    box->setObjectName(name);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    const QPushButton* yes = box->addButton(Words::tr("Drop it"), QMessageBox::DestructiveRole);
    QPushButton* no = box->addButton(Words::tr("Go on"), QMessageBox::RejectRole);
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
