// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat/conversations_dialog.h"

#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QDateTime>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QLocale>
#include <QPushButton>
#include <QShortcut>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr int kWidth = 560; // px
constexpr int kHeight = 460;
constexpr int kFile = Qt::UserRole; // of an item
constexpr int kTitle = Qt::UserRole + 1;
constexpr int kMostShown = 160; // characters of a question

template <class Widget>
Widget* named(Widget* widget, const char* name, const QString& accessible)
{
    widget->setObjectName(QLatin1String(name));
    widget->setAccessibleName(accessible);
    widget->setToolTip(accessible);
    return widget;
}

void hideUnfound(QListWidget* list, const QString& wanted)
{
    for (int row = 0; row < list->count(); ++row) {
        list->item(row)->setHidden(!list->item(row)->text().contains(wanted, Qt::CaseInsensitive));
    }
}

QVBoxLayout* layoutOf(QDialog* dialog, const QString& title)
{
    dialog->setWindowTitle(title);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->resize(scaled(kWidth), scaled(kHeight));
    auto* layout = new QVBoxLayout(dialog);
    layout->setContentsMargins(14, 14, 14, 14);
    layout->setSpacing(12);
    return layout;
}

QString when(std::int64_t modifiedNs)
{
    const QDateTime time = QDateTime::fromMSecsSinceEpoch(modifiedNs / 1'000'000);
    return QLocale().toString(time, QLocale::ShortFormat);
}

} // namespace

ConversationsDialog::ConversationsDialog(QWidget* parent)
    : QDialog(parent)
    , m_shelf(new ConversationShelf(this))
    , m_search(named(new QLineEdit, "conversations.search", tr("Look for conversations")))
    , m_list(named(new QListWidget, "conversations.list", tr("Conversations that were kept")))
    , m_line(new QLabel)
    , m_open(named(new QPushButton(tr("Open")), "conversations.open",
                   tr("Go on with this conversation (Enter)")))
    , m_rename(named(new QPushButton(tr("Rename")), "conversations.rename",
                     tr("Give it another title (F2)")))
    , m_discard(named(new QPushButton(tr("Delete")), "conversations.delete",
                      tr("Move it to the trash (Del)")))
    , m_restore(named(new QPushButton(tr("Undo")), "conversations.restore",
                      tr("Put back what was deleted last (Ctrl+Z)")))
{
    setObjectName(QStringLiteral("dialog.conversations"));
    QVBoxLayout* layout = layoutOf(this, tr("Conversations"));
    m_search->setPlaceholderText(tr("Part of a title"));
    m_search->setClearButtonEnabled(true);
    m_line->setObjectName(QStringLiteral("conversations.line"));
    m_line->setWordWrap(true);
    layout->addWidget(m_search);
    layout->addWidget(m_list, 1);
    layout->addWidget(m_line);
    buildFoot(layout);
    connect(m_search, &QLineEdit::textChanged, this,
            [this](const QString& text) { hideUnfound(m_list, text); });
    connect(m_list, &QListWidget::itemDoubleClicked, this, &ConversationsDialog::openCurrent);
    connect(m_list, &QListWidget::currentRowChanged, this, &ConversationsDialog::showState);
    connect(m_list, &QListWidget::itemChanged, this, [this](QListWidgetItem* item) {
        const QString title = item->text().trimmed();
        if (!title.isEmpty() && title != item->data(kTitle).toString()) {
            m_shelf->rename(item->data(kFile).toString(), title);
        }
    });
    connect(m_shelf, &ConversationShelf::changed, this, &ConversationsDialog::showEntries);
    connect(m_shelf, &Service::stateChanged, this, &ConversationsDialog::showState);
    m_shelf->refresh();
    m_list->setFocus();
}

void ConversationsDialog::buildFoot(QVBoxLayout* layout)
{
    auto* foot = new QHBoxLayout;
    for (QPushButton* button : {m_rename, m_discard, m_restore}) {
        button->setAutoDefault(false);
        foot->addWidget(button);
    }
    foot->addStretch(1);
    m_open->setProperty("kind", QStringLiteral("primary"));
    m_open->setDefault(true);
    foot->addWidget(m_open);
    layout->addLayout(foot);
    connect(m_open, &QPushButton::clicked, this, &ConversationsDialog::openCurrent);
    const auto rename = [this] {
        if (m_list->currentItem() != nullptr) {
            m_list->editItem(m_list->currentItem());
        }
    };
    connect(m_rename, &QPushButton::clicked, this, rename);
    connect(m_discard, &QPushButton::clicked, this, &ConversationsDialog::discardCurrent);
    connect(m_restore, &QPushButton::clicked, m_shelf, &ConversationShelf::restore);
    auto* discard = new QShortcut(Qt::Key_Delete, m_list, nullptr, nullptr, Qt::WidgetShortcut);
    connect(discard, &QShortcut::activated, this, &ConversationsDialog::discardCurrent);
    auto* undo = new QShortcut(QKeySequence::Undo, this);
    connect(undo, &QShortcut::activated, m_shelf, &ConversationShelf::restore);
}

QString ConversationsDialog::currentFile() const
{
    const QListWidgetItem* item = m_list->currentItem();
    return item == nullptr ? QString() : item->data(kFile).toString();
}

void ConversationsDialog::showEntries()
{
    const QString current = currentFile();
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    for (const core::ConversationEntry& entry : m_shelf->entries()) {
        const QString file = textOf(entry.file);
        const bool isGood = entry.problem.empty();
        const QString title = isGood && !entry.title.empty() ? QString::fromStdString(entry.title)
                                                             : QFileInfo(file).fileName();
        auto* item = new QListWidgetItem(title, m_list);
        item->setData(kFile, file);
        item->setData(kTitle, title);
        item->setFlags(isGood ? item->flags() | Qt::ItemIsEditable
                              : item->flags() & ~Qt::ItemIsEditable);
        const auto turns = static_cast<std::int64_t>(entry.turns);
        item->setToolTip(isGood
                             ? tr("%1 turns with %2, %3", nullptr, pluralOf(turns))
                                   .arg(formatCount(turns),
                                        QFileInfo(QString::fromStdString(entry.model)).fileName(),
                                        when(entry.modifiedNs))
                             : QString::fromStdString(entry.problem));
        if (file == current || m_list->currentRow() < 0) {
            m_list->setCurrentItem(item);
        }
    }
    hideUnfound(m_list, m_search->text());
    showState();
}

void ConversationsDialog::showState()
{
    const Failed* failure = m_shelf->failure();
    const bool ready = !m_shelf->isRunning();
    const bool any = m_list->currentItem() != nullptr;
    const QListWidgetItem* item = m_list->currentItem();
    const bool isGood = any && item->flags().testFlag(Qt::ItemIsEditable);
    m_open->setEnabled(ready && isGood);
    m_rename->setEnabled(ready && isGood);
    m_discard->setEnabled(ready && any);
    m_restore->setEnabled(ready && m_shelf->canRestore());
    setRole(m_line, failure != nullptr ? "bad" : "muted");
    m_line->setText(failure != nullptr         ? tr("%1: %2").arg(failure->what, failure->why)
                        : m_list->count() == 0 ? tr("None was kept yet: each is, as it grows.")
                        : any                  ? m_list->currentItem()->toolTip()
                                               : QString());
}

void ConversationsDialog::openCurrent()
{
    if (m_open->isEnabled()) {
        Q_EMIT chosen(currentFile());
        close();
    }
}

void ConversationsDialog::discardCurrent()
{
    if (m_discard->isEnabled()) {
        m_shelf->discard(currentFile());
    }
}

QuestionsDialog::QuestionsDialog(const QString& file, QWidget* parent)
    : QDialog(parent)
    , m_questions(new TestQuestions(this))
    , m_search(named(new QLineEdit, "questions.search", tr("Look for questions")))
    , m_list(named(new QListWidget, "questions.list", tr("Questions of the test set")))
    , m_line(new QLabel)
    , m_take(named(new QPushButton(tr("Take as prompt")), "questions.take",
                   tr("Put this question into the prompt (Enter)")))
{
    setObjectName(QStringLiteral("dialog.questions"));
    QVBoxLayout* layout =
        layoutOf(this, tr("From a question of %1").arg(QFileInfo(file).fileName()));
    m_search->setPlaceholderText(tr("Part of a question"));
    m_search->setClearButtonEnabled(true);
    m_line->setObjectName(QStringLiteral("questions.line"));
    m_line->setWordWrap(true);
    m_list->setUniformItemSizes(true);
    m_take->setProperty("kind", QStringLiteral("primary"));
    m_take->setDefault(true);
    layout->addWidget(m_search);
    layout->addWidget(m_list, 1);
    layout->addWidget(m_line);
    layout->addWidget(m_take, 0, Qt::AlignRight);
    connect(m_search, &QLineEdit::textChanged, this,
            [this](const QString& text) { hideUnfound(m_list, text); });
    connect(m_list, &QListWidget::itemDoubleClicked, this, &QuestionsDialog::take);
    connect(m_list, &QListWidget::currentRowChanged, this, &QuestionsDialog::showQuestions);
    connect(m_take, &QPushButton::clicked, this, &QuestionsDialog::take);
    connect(m_questions, &Service::stateChanged, this, &QuestionsDialog::showQuestions);
    connect(m_questions, &TestQuestions::changed, this, [this] {
        for (const core::TaskQuestion& one : m_questions->questions()) {
            const QString whole = QString::fromStdString(one.prompt);
            auto* item = new QListWidgetItem(whole.simplified().left(kMostShown), m_list);
            item->setData(kFile, whole);
            item->setToolTip(whole);
        }
        m_list->setCurrentRow(0);
    });
    m_questions->read(file);
    showQuestions();
}

void QuestionsDialog::showQuestions()
{
    const Failed* failure = m_questions->failure();
    m_take->setEnabled(m_list->currentItem() != nullptr);
    setRole(m_line, failure != nullptr ? "bad" : "muted");
    const auto count = static_cast<std::int64_t>(m_questions->questions().size());
    m_line->setText(failure != nullptr ? failure->why
                        : m_questions->isRunning()
                        ? tr("Reads the questions…")
                        : tr("%1 questions", nullptr, pluralOf(count)).arg(formatCount(count)));
}

void QuestionsDialog::take()
{
    if (const QListWidgetItem* item = m_list->currentItem()) {
        Q_EMIT chosen(item->data(kFile).toString());
        close();
    }
}

} // namespace pissarro::ui
