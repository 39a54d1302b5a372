// SPDX-License-Identifier: GPL-3.0-or-later
// What the Chat page is made of.
#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/look/theme.h"
#include "ui/pages/chat/chat_page.h"
#include "ui/pages/chat/column_card.h"
#include "ui/pages/chat/sampling_card.h"
#include "ui/pages/chat/token_card.h"
#include "ui/pages/chat/token_shade.h"
#include "ui/pages/chat/transcript_view.h"
#include "ui/services/services.h"
#include "ui/widgets/page_action.h"
#include "ui/widgets/scroll_column.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/language.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr int kGap = 12; // px between cards
constexpr int kSideWidth = 276; // px
constexpr int kPromptHeight = 76; // px, three lines
constexpr int kSystemHeight = 52; // px, two lines

QPushButton* button(const char* name, const QString& text, const QString& toolTip)
{
    auto* made = new QPushButton(text);
    made->setObjectName(QLatin1String(name));
    made->setToolTip(toolTip);
    made->setMinimumWidth(scaled(96));
    return made;
}

// A link that does what an action does, and can as long as that can.
QPushButton* linkOf(QAction* action, const char* name, const QString& toolTip)
{
    auto* link = new QPushButton(plainLabel(action->text()));
    link->setObjectName(QLatin1String(name));
    link->setToolTip(toolTip);
    link->setProperty("kind", QByteArray("link"));
    QObject::connect(link, &QPushButton::clicked, action, &QAction::trigger);
    QObject::connect(action, &QAction::changed, link,
                     [action, link] { link->setEnabled(action->isEnabled()); });
    return link;
}

// What one may ask to begin with: a sum, knowledge, a text to go on with.
QStringList examplePrompts()
{
    return {ChatPage::tr("What is 15 % of 80?"), ChatPage::tr("Why is the sky blue?"),
            ChatPage::tr("Tell me a story in one sentence.")};
}

} // namespace

ChatPage::ChatPage(Services& services, QWidget* parent)
    : Page(parent)
    , m_services(services)
    , m_sampling(new SamplingCard)
    , m_shading(new SegmentedControl(QStringLiteral("chat.shading"), tr("Shading of the tokens"),
                                     {tr("probability"), tr("off")}))
    , m_token(new TokenCard)
    , m_prompt(new QPlainTextEdit)
    , m_system(new QPlainTextEdit)
    , m_used(new QLabel)
    , m_send(button("chat.send", tr("Send"), tr("Ask (Enter, or Ctrl+Enter)")))
    , m_stop(button("chat.stop", tr("Stop"), tr("End the replies within a token (Esc)")))
    , m_examples(new QWidget)
    , m_beside(button("chat.beside", tr("Model or adapter"),
                      tr("What answers beside the open model: a run, a PEFT folder or a model")))
    , m_besideMenu(new QMenu(this))
{
    buildActions();
    buildColumnActions();
    buildLayout();
    Chat& chat = services.chat;
    connect(&services.model, &Model::opened, this, &ChatPage::showModel);
    connect(&chat, &Service::stateChanged, this, &ChatPage::showState);
    connect(&chat, &Chat::changed, this, &ChatPage::showChat);
    connect(&chat, &Chat::notKept, this, [this](const Failed& failure) { Q_EMIT failed(failure); });
    connect(&chat, &Chat::weighed, this,
            [this](const ChatPlace& place, const std::vector<std::pair<int, double>>& chances) {
                if (m_chosen != place) {
                    return;
                }
                std::vector<std::pair<QString, double>> others;
                for (const auto& [id, chance] : chances) {
                    const ChatColumn* const column = m_services.chat.columnOf(id);
                    if (column != nullptr && id != place.column) {
                        others.emplace_back(lookOf(*column).title, chance);
                    }
                }
                m_token->showOthers(others);
            });
    connect(&services.library, &RunLibrary::changed, this, &ChatPage::showChat);
    connect(&Theme::instance(), &Theme::changed, this, &ChatPage::showChat);
    connect(m_prompt, &QPlainTextEdit::textChanged, this, &ChatPage::showState);
    connect(m_sampling, &SamplingCard::changed, this, &ChatPage::showState);
    whenInSight("runs", [this] { m_services.library.refresh(); });
    showModel();
}

void ChatPage::buildLayout()
{
    auto* left = new QVBoxLayout;
    left->setSpacing(kGap);
    left->addWidget(buildColumns(), 1);
    left->addWidget(buildPrompt());
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGap);
    row->addLayout(left, 1);
    row->addWidget(buildSide());
}

QWidget* ChatPage::buildColumns()
{
    auto* columns = new QWidget;
    auto* row = new QHBoxLayout(columns);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGap);
    for (std::size_t place = 0; place < m_columns.size(); ++place) {
        m_columns[place] = new ColumnCard(QStringLiteral("chat.column.%1").arg(place));
        m_columns[place]->hide();
        row->addWidget(m_columns[place], 1);
        connectColumn(place);
    }
    return columns;
}

void ChatPage::connectColumn(std::size_t place)
{
    ColumnCard* const card = m_columns[place];
    TranscriptView* const view = card->transcript();
    connect(view, &TranscriptView::tokenChosen, this,
            [this, card](std::size_t turn, std::size_t token) {
                chooseToken({card->columnId(), turn, token});
            });
    connect(card, &ColumnCard::draggedTo, this,
            [this, card](const QPoint& where) { dropColumn(card->columnId(), where); });
    connect(view->verticalScrollBar(), &QScrollBar::valueChanged, this,
            [this, place](int value) { scrollTogether(place, value); });
    view->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(view, &QWidget::customContextMenuRequested, this,
            [this, place](const QPoint& point) { fillTurnMenu(place, point); });
    card->menu()->addActions({m_leftAction, m_rightAction});
    card->menu()->addSeparator();
    card->menu()->addAction(m_removeAction);
    // The column whose menu it is, is meant.
    connect(card->menu(), &QMenu::aboutToShow, view, [view] { view->setFocus(); });
}

QWidget* ChatPage::buildPrompt()
{
    m_prompt->setObjectName(QStringLiteral("chat.prompt"));
    m_prompt->setAccessibleName(tr("Prompt"));
    m_prompt->setFixedHeight(scaled(kPromptHeight));
    m_prompt->setTabChangesFocus(true);
    m_prompt->installEventFilter(this);
    m_system->setObjectName(QStringLiteral("chat.system"));
    m_system->setAccessibleName(tr("System prompt"));
    m_system->setPlaceholderText(tr("System prompt: stands before the whole conversation"));
    m_system->setFixedHeight(scaled(kSystemHeight));
    m_system->setTabChangesFocus(true);
    m_system->hide();
    connect(m_system, &QPlainTextEdit::textChanged, this,
            [this] { m_services.chat.setSystem(m_system->toPlainText()); });
    m_send->setProperty("kind", QStringLiteral("primary"));
    m_promptCard = new Card(tr("Prompt"));
    auto* buttons = new QVBoxLayout;
    buttons->setSpacing(8);
    buttons->addStretch(1);
    buttons->addWidget(m_stop);
    buttons->addWidget(m_send);
    auto* row = new QHBoxLayout;
    row->setSpacing(kGap);
    row->addWidget(m_prompt, 1);
    row->addLayout(buttons);
    m_promptCard->body()->addWidget(m_system);
    m_promptCard->body()->addLayout(row);
    m_promptCard->body()->addWidget(buildExamples());
    m_promptCard->body()->addWidget(buildLinks());
    connect(m_send, &QPushButton::clicked, this, &ChatPage::send);
    connect(m_stop, &QPushButton::clicked, &m_services.chat, &Chat::stop);
    return m_promptCard;
}

QWidget* ChatPage::buildLinks()
{
    auto* links = new QWidget;
    auto* row = new QHBoxLayout(links);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGap);
    auto* question = new QPushButton(tr("From a question of the test set…"));
    question->setObjectName(QStringLiteral("chat.questions"));
    question->setToolTip(tr("Take a question of GSM8K, MATH or another task's file as the prompt"));
    question->setProperty("kind", QByteArray("link"));
    connect(question, &QPushButton::clicked, this, &ChatPage::chooseQuestions);
    m_used->setObjectName(QStringLiteral("chat.used"));
    setRole(m_used, "muted");
    row->addWidget(linkOf(m_systemAction, "chat.systemLink",
                          tr("What stands before the whole conversation (Ctrl+Shift+Y)")));
    row->addWidget(question);
    row->addWidget(linkOf(m_measureAction, "chat.measure",
                          tr("How surprising a pasted text is for each model (Ctrl+Shift+P)")));
    row->addStretch(1);
    row->addWidget(m_used);
    return links;
}

// Until something was asked: each puts its text into the prompt.
QWidget* ChatPage::buildExamples()
{
    auto* row = new QHBoxLayout(m_examples);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGap);
    auto* caption = new QLabel(tr("Such as"));
    setRole(caption, "muted");
    row->addWidget(caption);
    const QStringList prompts = examplePrompts();
    for (qsizetype i = 0; i < prompts.size(); ++i) {
        auto* link = new QPushButton(prompts[i]);
        link->setObjectName(QStringLiteral("chat.example.%1").arg(i));
        link->setProperty("kind", QByteArray("link"));
        row->addWidget(link);
        connect(link, &QPushButton::clicked, this,
                [this, prompt = prompts[i]] { putPrompt(prompt); });
    }
    row->addStretch(1);
    return m_examples;
}

QWidget* ChatPage::buildSide()
{
    auto* column = new QWidget;
    auto* stack = new QVBoxLayout(column);
    stack->setContentsMargins(0, 0, 0, 0);
    stack->setSpacing(kGap);
    stack->addWidget(m_sampling);
    stack->addWidget(buildShading());
    stack->addWidget(m_token);
    stack->addStretch(1);
    connect(m_token, &TokenCard::goOnWanted, this, &ChatPage::goOn);
    // However low the window: what one does with a conversation is in sight.
    auto* side = new QWidget;
    side->setFixedWidth(scaled(kSideWidth));
    auto* rows = new QVBoxLayout(side);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(kGap);
    QScrollArea* scroll = scrollColumn(column);
    QWidget* buttons = buildButtons();
    rows->addWidget(scroll, 1);
    rows->addWidget(buttons);
    // As wide as the cards above them, also where the scroll bar takes of their room.
    const QScrollBar* bar = scroll->verticalScrollBar();
    connect(bar, &QScrollBar::rangeChanged, buttons, [bar, buttons](int lowest, int highest) {
        buttons->layout()->setContentsMargins(0, 0, highest > lowest ? bar->sizeHint().width() : 0,
                                              0);
    });
    return side;
}

QWidget* ChatPage::buildShading()
{
    auto* card = new Card(tr("Shading"));
    card->body()->addWidget(m_shading);
    card->body()->addWidget(new ShadeScale);
    connect(m_shading, &SegmentedControl::changed, this, [this](int which) {
        for (ColumnCard* one : m_columns) {
            one->transcript()->setShaded(which == 0);
        }
    });
    return card;
}

QWidget* ChatPage::buildButtons()
{
    auto* box = new QWidget;
    auto* rows = new QVBoxLayout(box);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(8);
    m_besideMenu->setObjectName(QStringLiteral("chat.besideMenu"));
    m_beside->setMenu(m_besideMenu);
    connect(m_besideMenu, &QMenu::aboutToShow, this, &ChatPage::fillBesideMenu);
    auto* fresh = button("chat.new", tr("New chat"), tr("Begin another conversation (Ctrl+K)"));
    auto* kept = button("chat.conversations", tr("Conversations…"),
                        tr("Those that were kept (Ctrl+Shift+H)"));
    auto* out = button("chat.export", tr("Export…"),
                       tr("Write it as JSON that other programs read (Ctrl+Shift+E)"));
    connect(fresh, &QPushButton::clicked, m_clearAction, &QAction::trigger);
    connect(kept, &QPushButton::clicked, m_conversationsAction, &QAction::trigger);
    connect(out, &QPushButton::clicked, m_exportAction, &QAction::trigger);
    connect(m_exportAction, &QAction::changed, out,
            [this, out] { out->setEnabled(m_exportAction->isEnabled()); });
    auto* pair = new QHBoxLayout;
    pair->setSpacing(8);
    pair->addWidget(fresh);
    pair->addWidget(out);
    rows->addWidget(m_beside);
    rows->addWidget(kept);
    rows->addLayout(pair);
    return box;
}

void ChatPage::buildActions()
{
    m_sendAction = addPageAction(this, QStringLiteral("chat.sendAction"), tr("&Send"),
                                 Qt::CTRL | Qt::Key_Return, [this] { send(); });
    m_sendAction->setShortcuts({Qt::CTRL | Qt::Key_Return, Qt::CTRL | Qt::Key_Enter});
    m_stopAction = addPageAction(this, QStringLiteral("chat.stopAction"), tr("S&top"),
                                 Qt::Key_Escape, [this] { m_services.chat.stop(); });
    m_editAction =
        addPageAction(this, QStringLiteral("chat.editAction"), tr("&Edit the last question"),
                      Qt::CTRL | Qt::SHIFT | Qt::Key_I, [this] {
                          edit(static_cast<std::size_t>(m_services.chat.prompts().size()) - 1);
                      });
    m_retryAction =
        addPageAction(this, QStringLiteral("chat.retryAction"), tr("&Retry the last question"),
                      Qt::CTRL | Qt::SHIFT | Qt::Key_R, [this] {
                          retry(static_cast<std::size_t>(m_services.chat.prompts().size()) - 1);
                      });
    addActionSeparator(this);
    m_clearAction = addPageAction(this, QStringLiteral("chat.clearAction"), tr("&New chat"),
                                  Qt::CTRL | Qt::Key_K, [this] { clearChat(); });
    m_conversationsAction =
        addPageAction(this, QStringLiteral("chat.conversationsAction"), tr("&Conversations…"),
                      Qt::CTRL | Qt::SHIFT | Qt::Key_H, [this] { showConversations(); });
    m_exportAction =
        addPageAction(this, QStringLiteral("chat.exportAction"), tr("E&xport the conversation…"),
                      Qt::CTRL | Qt::SHIFT | Qt::Key_E, [this] { exportConversation(); });
    addActionSeparator(this);
    m_systemAction = addPageAction(this, QStringLiteral("chat.systemAction"), tr("S&ystem prompt"),
                                   Qt::CTRL | Qt::SHIFT | Qt::Key_Y, [this] {
                                       m_system->setVisible(!m_system->isVisible());
                                       (m_system->isVisible() ? m_system : m_prompt)->setFocus();
                                   });
    addPageAction(this, QStringLiteral("chat.questionsAction"),
                  tr("From a &question of the test set…"), {}, [this] { chooseQuestions(); });
    m_measureAction =
        addPageAction(this, QStringLiteral("chat.measureAction"), tr("&Perplexity of a text…"),
                      Qt::CTRL | Qt::SHIFT | Qt::Key_P, [this] { measureText(); });
}

void ChatPage::buildColumnActions()
{
    addActionSeparator(this);
    addPageAction(this, QStringLiteral("chat.besideAction"), tr("&Adapter or run beside it…"), {},
                  [this] { chooseBeside(); });
    m_leftAction = addPageAction(this, QStringLiteral("chat.leftAction"), tr("Column to the &left"),
                                 Qt::ALT | Qt::Key_Left, [this] { moveFocused(-1); });
    m_rightAction =
        addPageAction(this, QStringLiteral("chat.rightAction"), tr("Column to the r&ight"),
                      Qt::ALT | Qt::Key_Right, [this] { moveFocused(1); });
    m_removeAction =
        addPageAction(this, QStringLiteral("chat.removeAction"), tr("Re&move the column"),
                      Qt::CTRL | Qt::SHIFT | Qt::Key_W, [this] {
                          const auto& columns = m_services.chat.columns();
                          const std::size_t place = focusedColumn().value_or(columns.size() - 1);
                          if (place < columns.size()) {
                              m_services.chat.removeColumn(columns[place].id);
                          }
                      });
}

} // namespace pissarro::ui
