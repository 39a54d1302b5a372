// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/help_dialog.h"

#include "ui/look/metrics.h"
#include "ui/shell/main_window.h"
#include "ui/widgets/dialog_ground.h"
#include "ui/words/language.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr QSize kRoom {620, 560}; // px
constexpr int kCellPadding = 12; // px, left and right of a text together

// Qt asks for a row's height without a column's width: one line, and the rest of a definition is cut.
class WrappedRows : public QStyledItemDelegate {
public:
    explicit WrappedRows(QTreeView* tree)
        : QStyledItemDelegate(tree)
        , m_tree(tree)
    {
    }

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        QStyleOptionViewItem within = option;
        const int room = m_tree->columnWidth(index.column()) - scaled(kCellPadding);
        within.rect = QRect(0, 0, room, 1);
        // The first column is as wide as its texts.
        return QStyledItemDelegate::sizeHint(index.column() == 0 ? option : within, index);
    }

private:
    QTreeView* m_tree;
};

// "&Look", "Open model…\tCtrl+O": as a person reads it.
QString plainText(QString text)
{
    return plainLabel(std::move(text)).section(QLatin1Char('\t'), 0, 0);
}

void addEntries(const QMenu& menu, QVector<HelpRow>& rows)
{
    for (const QAction* action : menu.actions()) {
        if (action->menu() != nullptr) {
            addEntries(*action->menu(), rows);
        } else if (!action->isSeparator() && !action->text().isEmpty()) {
            // A page's entries have their key behind a tab: it works while the page is in sight.
            const QString own = action->shortcut().toString(QKeySequence::NativeText);
            const QString keys = own.isEmpty() ? action->text().section(QLatin1Char('\t'), 1) : own;
            rows.append(
                {plainText(action->text()), keys.isEmpty() ? HelpDialog::tr("no key") : keys});
        }
    }
}

HelpGroup plotKeys()
{
    return {HelpDialog::tr("In a plot"),
            {{HelpDialog::tr("Zoom"), HelpDialog::tr("wheel, + and −")},
             {HelpDialog::tr("Move"), HelpDialog::tr("drag, Page Up and Page Down")},
             {HelpDialog::tr("Show all"), HelpDialog::tr("Home")},
             {HelpDialog::tr("Read another curve"), HelpDialog::tr("↑ and ↓")},
             {HelpDialog::tr("Read its points, or move the rank"),
              HelpDialog::tr("← and →, with Shift by ten")},
             {HelpDialog::tr("Read its points where the arrows move the rank"),
              HelpDialog::tr("Ctrl+← and Ctrl+→")}}};
}

} // namespace

HelpDialog::HelpDialog(const QString& title, const QVector<HelpGroup>& groups, QWidget* parent)
    : QDialog(parent)
    , m_rows(new QTreeWidget)
{
    setObjectName(QStringLiteral("dialog.help"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(title);
    auto* find = new QLineEdit;
    find->setObjectName(QStringLiteral("help.find"));
    find->setAccessibleName(tr("Find"));
    find->setPlaceholderText(tr("Find"));
    find->setClearButtonEnabled(true);
    m_rows->setObjectName(QStringLiteral("help.rows"));
    m_rows->setAccessibleName(title);
    m_rows->setColumnCount(2);
    m_rows->setHeaderHidden(true);
    m_rows->setRootIsDecorated(false);
    m_rows->setWordWrap(true);
    m_rows->setFocusPolicy(Qt::StrongFocus);
    m_rows->setItemDelegate(new WrappedRows(m_rows));
    m_rows->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    // Another width, other heights; not while the header lays itself out.
    connect(m_rows->header(), &QHeaderView::sectionResized, m_rows, &QTreeView::doItemsLayout,
            Qt::QueuedConnection);
    for (const HelpGroup& group : groups) {
        auto* head = new QTreeWidgetItem(m_rows, {group.title});
        QFont bold = font();
        bold.setWeight(QFont::DemiBold);
        head->setFont(0, bold);
        head->setFirstColumnSpanned(true);
        for (const HelpRow& row : group.rows) {
            auto* item = new QTreeWidgetItem(head, {row.name, row.text});
            for (const int column : {0, 1}) {
                item->setTextAlignment(column, Qt::AlignLeft | Qt::AlignTop);
            }
        }
        head->setExpanded(true);
    }
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    buttons->button(QDialogButtonBox::Close)->setObjectName(QStringLiteral("help.close"));
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(find, &QLineEdit::textChanged, this, &HelpDialog::narrow);
    auto* all = new QVBoxLayout(this);
    all->addWidget(find);
    all->addWidget(m_rows, 1);
    all->addWidget(buttons);
    sizeAsDrawn(this, kRoom);
}

void HelpDialog::narrow(const QString& wanted)
{
    const QString text = wanted.trimmed();
    for (int i = 0; i < m_rows->topLevelItemCount(); ++i) {
        QTreeWidgetItem* head = m_rows->topLevelItem(i);
        bool any = false;
        for (int row = 0; row < head->childCount(); ++row) {
            QTreeWidgetItem* item = head->child(row);
            const bool fits = item->text(0).contains(text, Qt::CaseInsensitive)
                || item->text(1).contains(text, Qt::CaseInsensitive);
            item->setHidden(!fits);
            any = any || fits;
        }
        head->setHidden(!any);
    }
}

QVector<HelpGroup> keysOf(const MainWindow& window)
{
    QVector<HelpGroup> groups;
    for (const QAction* action : window.menus()->actions()) {
        if (action->menu() != nullptr) {
            HelpGroup group {plainText(action->text()), {}};
            addEntries(*action->menu(), group.rows);
            if (!group.rows.isEmpty()) {
                groups.append(group);
            }
        }
    }
    groups.append(plotKeys());
    return groups;
}

QVector<HelpGroup> glossary()
{
    return {
        {HelpDialog::tr("Methods"),
         {{HelpDialog::tr("Adapter"),
           HelpDialog::tr("Two thin matrices A and B beside a frozen matrix W: W + (α / r) B A is "
                          "what computes. Only they train.")},
          {HelpDialog::tr("LoRA"),
           HelpDialog::tr("Begins with A at random and B at zero, on W as it is.")},
          {HelpDialog::tr("PiSSA"),
           HelpDialog::tr("Begins with the largest singular values of W and their vectors; what is "
                          "left of W, the residual, is frozen.")},
          {HelpDialog::tr("QLoRA, QPiSSA, LoftQ"),
           HelpDialog::tr("The frozen matrix is kept in four bits; they differ in how adapter and "
                          "four bits are made to fit.")},
          {HelpDialog::tr("Twin"),
           HelpDialog::tr(
               "A second run beside the first: the same model, batches and settings with "
               "another method, so that only the method differs.")}}},
        {HelpDialog::tr("Ranks and spectra"),
         {{HelpDialog::tr("Rank r"),
           HelpDialog::tr("How thin A and B are: columns of B, rows of A.")},
          {HelpDialog::tr("Spectrum"),
           HelpDialog::tr("The singular values of a matrix, from the largest on.")},
          {HelpDialog::tr("Energy kept"),
           HelpDialog::tr("Sum of the squares of the first r singular values over that of all.")},
          {HelpDialog::tr("Slice"),
           HelpDialog::tr("Which singular values become the adapter: the largest, the smallest, or "
                          "those between.")}}},
        {HelpDialog::tr("Runs"),
         {{HelpDialog::tr("Step 0"),
           HelpDialog::tr(
               "Before anything trains the model with its fresh adapter is compared with "
               "the base: both have to say the same.")},
          {HelpDialog::tr("Accumulation"),
           HelpDialog::tr("Micro-batches whose gradients are summed before one step.")},
          {HelpDialog::tr("Held-out loss"),
           HelpDialog::tr("The loss on rows that training never sees.")},
          {HelpDialog::tr("Patience"),
           HelpDialog::tr(
               "After so many evaluations without a better held-out loss the run ends.")},
          {HelpDialog::tr("Checkpoint"),
           HelpDialog::tr("All that a run needs to go on from a step: after a crash, or later.")}}},
        {HelpDialog::tr("Four bits"),
         {{HelpDialog::tr("NF4, FP4"),
           HelpDialog::tr("Sixteen levels for each number of a block, beside one scale a block.")},
          {HelpDialog::tr("Absmax"), HelpDialog::tr("That scale: the largest size in the block.")},
          {HelpDialog::tr("Error of QLoRA's"),
           HelpDialog::tr(
               "The nuclear norm of what four bits change in a matrix, as a share of what "
               "quantizing W itself changes.")},
          {HelpDialog::tr("T"),
           HelpDialog::tr("How often quantizing and fitting the adapter alternate.")}}},
    };
}

} // namespace pissarro::ui
