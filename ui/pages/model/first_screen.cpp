// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/first_screen.h"

#include "core/base/machine_memory.h"
#include "core/tensor/devices.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/model/example_cards.h"
#include "ui/pages/model/recent_list.h"
#include "ui/services/demo_order.h"
#include "ui/services/services.h"
#include "ui/widgets/card.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/model_words.h"

#include <QDir>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kGap = 12; // px between cards
constexpr int kMostRecent = 6; // rows of a high window
constexpr int kRowsBelow = 500; // px that the rest of the screen takes of its height
constexpr int kLeastDropZone = 60; // px
constexpr int kRecentRow = 44; // px

QLabel* label(const QString& text, const char* role)
{
    auto* made = new QLabel(text);
    made->setWordWrap(true);
    made->setTextFormat(Qt::PlainText);
    made->setProperty("role", QByteArray(role));
    return made;
}

QPushButton* button(const QString& text, const char* name, const QString& tip)
{
    auto* made = new QPushButton(text);
    made->setObjectName(QLatin1String(name));
    made->setAccessibleName(text);
    made->setToolTip(tip);
    return made;
}

// A dot of a line from the left, which goes on to the next.
class TimelineMark : public QWidget {
public:
    explicit TimelineMark(bool goesOn)
        : m_goesOn(goesOn)
    {
        setFixedHeight(scaled(12));
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override
    {
        const Colors& colors = Theme::instance().colors();
        const double radius = scaled(8) / 2.0;
        const double middle = height() / 2.0;
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        if (m_goesOn) {
            painter.setPen(colors.line);
            painter.drawLine(QPointF(2 * radius, middle), QPointF(width(), middle));
        }
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.accent);
        painter.drawEllipse(QPointF(radius, middle), radius, radius);
    }

private:
    bool m_goesOn;
};

QHBoxLayout* cardRow(QVBoxLayout* into, int stretch)
{
    auto* row = new QHBoxLayout;
    row->setSpacing(kGap);
    into->addLayout(row, stretch);
    return row;
}

} // namespace

FirstScreen::FirstScreen(Services& services, QWidget* parent)
    : QWidget(parent)
    , m_services(services)
    , m_path(new QLineEdit)
    , m_recent(new RecentList(services.recent, QStringLiteral("model.empty.recent")))
    , m_demo(button(tr("Run the demo"), "model.empty.demo",
                    tr("Opens a small model, draws its spectra and trains PiSSA beside LoRA")))
    , m_back(button(tr("Back to the model"), "model.empty.back",
                    tr("What is open stays open all the while")))
    , m_processor(label({}, "value"))
    , m_memory(label({}, "value"))
    , m_accelerator(label({}, "value"))
{
    setObjectName(QStringLiteral("model.empty"));
    setAccessibleName(tr("First steps"));
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(kGap);
    all->addWidget(buildQuestion());
    QHBoxLayout* middle = cardRow(all, 1);
    const Example example = readExample();
    for (QWidget* step : std::initializer_list<QWidget*> {buildOpen(), new RankExample(example),
                                                          new TrainExample(example)}) {
        middle->addWidget(step, 1);
    }
    QHBoxLayout* below = cardRow(all, 0);
    below->addWidget(buildDemo(), 2);
    below->addWidget(buildMachine(), 1);
    connect(&m_services.machine, &Machine::found, this, &FirstScreen::showMachine);
    showMachine();
}

QWidget* FirstScreen::buildQuestion()
{
    auto* card = new Card({});
    card->setTitleInSight(false);
    card->setAccessibleName(tr("What Pissarro answers"));
    auto* words = new QVBoxLayout;
    words->setSpacing(4);
    words->addWidget(
        label(tr("Which rank, which method, and is PiSSA better on your data?"), "headline"));
    words->addWidget(
        label(tr("Pissarro answers with pictures. No account, no network, no Python: models and "
                 "data stay on this machine."),
              "muted"));
    m_demo->setProperty("kind", QByteArray("primary"));
    m_demo->setMinimumHeight(scaled(36));
    QLabel* hint = label(tr("A real model, real curves,\nsome minutes"), "small");
    hint->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    hint->setWordWrap(false);
    auto* row = new QHBoxLayout;
    row->setSpacing(16);
    row->addLayout(words, 1);
    row->addWidget(hint);
    m_back->hide();
    row->addWidget(m_back, 0, Qt::AlignVCenter);
    row->addWidget(m_demo, 0, Qt::AlignVCenter);
    connect(m_back, &QPushButton::clicked, this, &FirstScreen::backRequested);
    card->body()->addLayout(row);
    card->body()->addLayout(buildWhat());
    connect(m_demo, &QPushButton::clicked, this, &FirstScreen::demoRequested);
    return card;
}

QWidget* FirstScreen::buildOpen()
{
    auto* card = new StepCard(
        1, tr("Open a model"),
        tr("A Hugging Face folder, a .gguf file, or the id of a model in the local Hugging Face "
           "cache; or drop one anywhere. Only headers are read, nothing is downloaded."));
    m_path->setObjectName(QStringLiteral("model.empty.path"));
    m_path->setAccessibleName(tr("Path or id of a model"));
    m_path->setPlaceholderText(tr("/path/to/model or organisation/name"));
    auto* open = button(tr("Open"), "model.empty.open", tr("Open what is typed (Enter)"));
    auto* choose =
        button(tr("Choose…"), "model.empty.button", tr("Look for a folder or a file (Ctrl+O)"));
    open->setEnabled(false);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_path, 1);
    row->addWidget(open);
    row->addWidget(choose);
    card->body()->addLayout(row);
    auto* all = button(tr("Models at hand…"), "model.empty.models",
                       tr("The models on this machine, of the Hugging Face cache, LM Studio and "
                          "Ollama (Ctrl+Shift+M)"));
    all->setProperty("kind", QByteArray("link"));
    card->body()->addWidget(all, 0, Qt::AlignLeft);
    connect(all, &QPushButton::clicked, this, &FirstScreen::modelsRequested);
    auto* drop = label(tr("Drop a folder or a file here"), "muted");
    drop->setObjectName(QStringLiteral("dropZone"));
    drop->setAlignment(Qt::AlignCenter);
    drop->setMinimumHeight(scaled(kLeastDropZone));
    card->body()->addWidget(drop, 1);
    card->body()->addWidget(m_recent);
    connect(m_path, &QLineEdit::textChanged, open,
            [open](const QString& text) { open->setEnabled(!text.trimmed().isEmpty()); });
    connect(m_path, &QLineEdit::returnPressed, this, &FirstScreen::openTyped);
    connect(open, &QPushButton::clicked, this, &FirstScreen::openTyped);
    connect(choose, &QPushButton::clicked, this, &FirstScreen::chooseRequested);
    connect(m_recent, &RecentList::chosen, this, &FirstScreen::openRequested);
    return card;
}

void FirstScreen::setBack(bool on)
{
    m_back->setVisible(on);
}

void FirstScreen::openTyped()
{
    QString path = m_path->text().trimmed();
    if (path.startsWith(QStringLiteral("file:"))) {
        path = QUrl(path).toLocalFile();
    } else if (path.startsWith(QStringLiteral("~/"))) {
        path = QDir::homePath() + path.mid(1);
    }
    if (!path.isEmpty()) {
        Q_EMIT openRequested(path);
    }
}

// Beside the question, since it speaks of PiSSA.
QLayout* FirstScreen::buildWhat()
{
    const std::array sentences {
        tr("Fine-tuning with an adapter trains two thin matrices A and B beside each frozen matrix "
           "W "
           "of a model, so that a workstation can train what it could not otherwise hold."),
        tr("LoRA begins with A at random and B at zero; PiSSA begins with the largest singular "
           "values of W and their vectors, and freezes what is left of W."),
        tr("The result is an adapter like LoRA's; the loss falls faster because what trains first "
           "is "
           "what matters most, and this program shows by how much on your data."),
    };
    auto* row = new QHBoxLayout;
    row->setSpacing(2 * kGap);
    for (const QString& sentence : sentences) {
        QLabel* line = label(sentence, "muted");
        line->setAlignment(Qt::AlignLeft | Qt::AlignTop);
        line->setTextInteractionFlags(Qt::TextSelectableByMouse);
        line->setToolTip(tr("Meng, Wang, Zhang: PiSSA, arXiv 2404.02948"));
        row->addWidget(line, 1);
    }
    return row;
}

QWidget* FirstScreen::buildDemo()
{
    auto* card = new Card(tr("What the demo does"));
    card->setSubtitle(
        tr("with a small model that is at hand, and rows that come with the program"));
    const std::int64_t steps = demoOrder({}, {}).spec.steps;
    const std::array<std::pair<QString, QString>, 5> marks {{
        {tr("Open"), tr("Reads a model's headers and its tokenizer")},
        {tr("Look"), tr("Draws the spectra of its matrices")},
        {tr("Train"),
         tr("Trains PiSSA and LoRA, %1 steps each", nullptr, pluralOf(steps))
             .arg(formatCount(steps))},
        {tr("Compare"), tr("Shows both losses and their difference")},
        {tr("Go on"), tr("Offers to export, to ask the model, or your own data")},
    }};
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(0);
    grid->setVerticalSpacing(4);
    int column = 0;
    for (const auto& [title, sentence] : marks) {
        grid->addWidget(new TimelineMark(column + 1 < static_cast<int>(marks.size())), 0, column);
        grid->addWidget(label(title, "title"), 1, column);
        QLabel* words = label(sentence, "muted");
        words->setContentsMargins(0, 0, kGap, 0);
        grid->addWidget(words, 2, column, Qt::AlignTop);
        grid->setColumnStretch(column++, 1);
    }
    grid->setRowStretch(2, 1);
    card->body()->addLayout(grid);
    return card;
}

QWidget* FirstScreen::buildMachine()
{
    auto* card = new Card(tr("This machine"));
    const std::array<std::pair<QString, QLabel*>, 3> rows {{
        {tr("Processor"), m_processor},
        {tr("Memory"), m_memory},
        {tr("Accelerator"), m_accelerator},
    }};
    auto* grid = new QGridLayout;
    grid->setVerticalSpacing(4);
    grid->setColumnStretch(1, 1);
    int row = 0;
    for (const auto& [name, value] : rows) {
        grid->addWidget(label(name, "muted"), row, 0);
        value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        value->setAccessibleName(name);
        grid->addWidget(value, row++, 1);
    }
    card->body()->addLayout(grid);
    return card;
}

void FirstScreen::showMachine()
{
    const auto& devices = m_services.machine.devices();
    m_processor->setText(deviceTitle(devices.front()));
    m_memory->setText(formatBytes(core::machineMemoryBytes()));
    m_accelerator->setText(devices.size() > 1 ? deviceTitle(devices[1]) : tr("none found"));
}

// As many of those opened last as there is room for in what is in sight: it is as high as it needs to be itself.
void FirstScreen::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const int sight = parentWidget() != nullptr ? parentWidget()->height() : height();
    m_recent->setMostRows(
        std::clamp((sight - scaled(kRowsBelow)) / scaled(kRecentRow), 1, kMostRecent));
}

} // namespace pissarro::ui
