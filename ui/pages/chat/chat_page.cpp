// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat/chat_page.h"

#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/pages/chat/reply_card.h"
#include "ui/pages/chat/sampling_card.h"
#include "ui/services/services.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/page_action.h"
#include "ui/widgets/page_splitter.h"
#include "ui/words/method_look.h"
#include "ui/words/run_words.h"

#include <QAction>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>

#include <filesystem>

namespace pissarro::ui {

namespace {

constexpr int kGap = 12; // px between cards
constexpr int kSamplingWidth = 264; // px
constexpr int kPromptHeight = 76; // px, three lines

QString pathOf(const core::RunSummary& run)
{
    return QString::fromStdString(run.directory.string());
}

// "PiSSA r16"
QString titleOf(const core::RunSummary& run)
{
    const QString method = ui::titleOf(run.spec.method);
    return core::hasAdapter(run.spec.method)
        ? QStringLiteral("%1 r%2").arg(method).arg(run.spec.rank)
        : method;
}

// Whether the run has something to say, and began with that model.
bool speaksFor(const core::RunSummary& run, const std::filesystem::path& model)
{
    const bool named =
        std::filesystem::path(run.spec.model).lexically_normal() == model.lexically_normal()
        || run.inputs.model.lexically_normal() == model.lexically_normal();
    return named && (run.adapterStep > 0 || run.checkpointStep > 0);
}

QPushButton* button(const char* name, const QString& text, const QString& toolTip)
{
    auto* made = new QPushButton(text);
    made->setObjectName(QLatin1String(name));
    made->setToolTip(toolTip);
    made->setMinimumWidth(scaled(96));
    return made;
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
    , m_base(new ReplyCard(QStringLiteral("chat.base"), tr("Base")))
    , m_tuned(new ReplyCard(QStringLiteral("chat.tuned"), tr("Adapter")))
    , m_sampling(new SamplingCard)
    , m_prompt(new QPlainTextEdit)
    , m_send(button("chat.send", tr("Send"), tr("Ask (Enter, or Ctrl+Enter)")))
    , m_stop(button("chat.stop", tr("Stop"), tr("End the replies within a token (Esc)")))
    , m_examples(new QWidget)
    , m_beside(button("chat.beside", tr("Model or adapter"),
                      tr("What answers beside the open model: a run, or a PEFT folder")))
    , m_besideMenu(new QMenu(this))
{
    buildLayout();
    buildActions();
    connect(&services.model, &Model::opened, this, &ChatPage::showModel);
    connect(&services.chat, &Service::stateChanged, this, &ChatPage::showState);
    connect(&services.chat, &Chat::changed, this, [this] {
        showTuned();
        showState();
    });
    connect(m_prompt, &QPlainTextEdit::textChanged, this, &ChatPage::showState);
    connect(m_sampling, &SamplingCard::changed, this, &ChatPage::showState);
    whenInSight("runs", [this] { m_services.library.refresh(); });
    showModel();
}

void ChatPage::buildLayout()
{
    auto* columns = pageSplitter("chat.columns", Qt::Horizontal, m_base, m_tuned, {500, 500});
    columns->setStretchFactor(0, 1);
    columns->setStretchFactor(1, 1);
    auto* left = new QVBoxLayout;
    left->setSpacing(kGap);
    left->addWidget(columns, 1);
    left->addWidget(buildPrompt());
    m_besideMenu->setObjectName(QStringLiteral("chat.besideMenu"));
    m_beside->setMenu(m_besideMenu);
    m_sampling->body()->addWidget(m_beside);
    m_sampling->setFixedWidth(scaled(kSamplingWidth));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGap);
    row->addLayout(left, 1);
    row->addWidget(m_sampling);
}

QWidget* ChatPage::buildPrompt()
{
    m_prompt->setObjectName(QStringLiteral("chat.prompt"));
    m_prompt->setAccessibleName(tr("Prompt"));
    m_prompt->setPlaceholderText(tr("Ask the model, or begin a text that it is to go on with"));
    m_prompt->setFixedHeight(scaled(kPromptHeight));
    m_prompt->setTabChangesFocus(true);
    m_prompt->installEventFilter(this);
    m_send->setProperty("kind", QStringLiteral("primary"));
    auto* card = new Card(tr("Prompt"));
    card->setSubtitle(
        tr("Enter sends, Shift+Enter breaks the line, Esc stops, Up recalls the last one"));
    auto* buttons = new QVBoxLayout;
    buttons->setSpacing(8);
    buttons->addStretch(1);
    buttons->addWidget(m_stop);
    buttons->addWidget(m_send);
    auto* row = new QHBoxLayout;
    row->setSpacing(kGap);
    row->addWidget(m_prompt, 1);
    row->addLayout(buttons);
    card->body()->addLayout(row);
    card->body()->addWidget(buildExamples());
    connect(m_send, &QPushButton::clicked, this, &ChatPage::send);
    connect(m_stop, &QPushButton::clicked, &m_services.chat, &Chat::stop);
    connect(m_besideMenu, &QMenu::aboutToShow, this, &ChatPage::fillBesideMenu);
    return card;
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
        connect(link, &QPushButton::clicked, this, [this, prompt = prompts[i]] {
            m_prompt->setPlainText(prompt);
            m_prompt->moveCursor(QTextCursor::End);
            m_prompt->setFocus();
        });
    }
    row->addStretch(1);
    return m_examples;
}

void ChatPage::buildActions()
{
    m_sendAction = addPageAction(this, QStringLiteral("chat.sendAction"), tr("&Send"),
                                 Qt::CTRL | Qt::Key_Return, [this] { send(); });
    m_sendAction->setShortcuts({Qt::CTRL | Qt::Key_Return, Qt::CTRL | Qt::Key_Enter});
    m_stopAction = addPageAction(this, QStringLiteral("chat.stopAction"), tr("S&top"),
                                 Qt::Key_Escape, [this] { m_services.chat.stop(); });
    addActionSeparator(this);
    addPageAction(this, QStringLiteral("chat.besideAction"), tr("&Adapter or run beside it…"), {},
                  [this] { chooseBeside(); });
    m_aloneAction =
        addPageAction(this, QStringLiteral("chat.aloneAction"), tr("&Nothing beside it"), {},
                      [this] { m_services.chat.setTuned({}); });
}

Invitation ChatPage::invitation() const
{
    return {tr("Ask a model, and what training made of it"),
            tr("Open a model: it answers here, and beside it an adapter or a run of it.")};
}

void ChatPage::take(const QVariant& with)
{
    m_services.chat.setTuned(with.toString());
}

QVector<NextStep> ChatPage::nextSteps() const
{
    const auto runs = m_services.training.runs();
    if (runs.isEmpty()) {
        return {};
    }
    return {{tr("Chat"), tr("Ask the base and what training made of it"),
             QString::fromStdString(runs.first().directory.string())}};
}

// Esc is the banner's too: while something answers, and the focus is on this page, it is the answer's.
bool ChatPage::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride && m_services.chat.isRunning()
        && static_cast<QKeyEvent*>(event)->matches(QKeySequence::Cancel)) {
        event->accept();
        return true;
    }
    return Page::event(event);
}

void ChatPage::keyPressEvent(QKeyEvent* event)
{
    if (m_services.chat.isRunning() && event->matches(QKeySequence::Cancel)) {
        m_services.chat.stop();
    } else {
        Page::keyPressEvent(event);
    }
}

// The prompt's own keys; an input method that composes has taken its own before.
bool ChatPage::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_prompt || event->type() != QEvent::KeyPress) {
        return Page::eventFilter(watched, event);
    }
    const auto* pressed = static_cast<QKeyEvent*>(event);
    const bool enter = pressed->key() == Qt::Key_Return || pressed->key() == Qt::Key_Enter;
    const Qt::KeyboardModifiers held = pressed->modifiers();
    const bool alone = held == Qt::NoModifier || held == Qt::KeypadModifier;
    if (enter && alone) {
        send();
        return true;
    }
    const QString last = m_services.chat.prompt();
    if (pressed->key() == Qt::Key_Up && alone && m_prompt->toPlainText().isEmpty()
        && !last.isEmpty()) {
        m_prompt->setPlainText(last);
        m_prompt->moveCursor(QTextCursor::End);
        return true;
    }
    return Page::eventFilter(watched, event);
}

bool ChatPage::canSend() const
{
    return m_services.model.tokenizer() && !m_services.chat.isRunning() && m_sampling->isGood()
        && !m_prompt->toPlainText().trimmed().isEmpty();
}

void ChatPage::send()
{
    if (canSend()) {
        m_services.chat.ask(m_prompt->toPlainText(), m_sampling->options());
    }
}

void ChatPage::chooseBeside()
{
    askForFolder(this, tr("A run of this model, or a PEFT adapter for it"),
                 [this](const QString& path) { m_services.chat.setTuned(path); });
}

void ChatPage::fillBesideMenu()
{
    m_besideMenu->clear();
    const auto model = m_services.model.files();
    for (const core::RunSummary& run : m_services.library.runs()) {
        if (model && speaksFor(run, model->path())) {
            m_besideMenu->addAction(titleOf(run) + QStringLiteral(" · ") + nameOf(run), this,
                                    [this, path = pathOf(run)] { m_services.chat.setTuned(path); });
        }
    }
    if (m_besideMenu->isEmpty()) {
        m_besideMenu->addAction(tr("No run of this model can speak yet"))->setEnabled(false);
    }
    m_besideMenu->addSeparator();
    m_besideMenu->addAction(tr("Adapter or run folder…"), this, &ChatPage::chooseBeside);
    m_besideMenu->addAction(tr("Nothing beside it"), this, [this] { m_services.chat.setTuned({}); })
        ->setEnabled(!m_services.chat.tuned().isEmpty());
}

void ChatPage::showModel()
{
    const auto model = m_services.model.files();
    m_base->showModel(tr("Base"), model ? QString::fromStdString(model->displayName()) : QString());
    m_sampling->setTokenizer(m_services.model.tokenizer().get());
    showTuned();
    showState();
}

void ChatPage::showTuned()
{
    const QString path = m_services.chat.tuned();
    QString title = tr("Adapter");
    QString name = QFileInfo(path).fileName();
    for (const core::RunSummary& run : m_services.library.runs()) {
        if (pathOf(run) == path) {
            title = titleOf(run);
            name = nameOf(run);
        }
    }
    m_tuned->showModel(title, name);
    m_tuned->setToolTip(path);
    m_tuned->setVisible(!path.isEmpty());
    m_aloneAction->setEnabled(!path.isEmpty());
}

void ChatPage::showState()
{
    const Chat& chat = m_services.chat;
    const bool can = canSend();
    m_send->setEnabled(can);
    m_sendAction->setEnabled(can);
    m_stop->setEnabled(chat.isRunning());
    m_stopAction->setEnabled(chat.isRunning());
    m_base->showProblem(chat.problem());
    m_examples->setVisible(chat.replies().empty() && m_services.model.tokenizer() != nullptr);
    whenInSight("replies", [this] { showReplies(); });
}

void ChatPage::showReplies()
{
    const Chat& chat = m_services.chat;
    const auto* running = std::get_if<Running>(&chat.state());
    const QString waits =
        running == nullptr || running->stage.isEmpty() ? tr("Reads the prompt…") : running->stage;
    const std::vector<ChatReply>& replies = chat.replies();
    m_base->showHint(tr("Its reply comes here, token by token"));
    m_tuned->showHint(tr("Its reply to the same prompt comes here"));
    m_base->showReply(chat.prompt(), replies.empty() ? nullptr : &replies[0], waits);
    m_tuned->showReply(chat.prompt(), replies.size() < 2 ? nullptr : &replies[1], waits);
}

} // namespace pissarro::ui
