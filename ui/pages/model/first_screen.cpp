// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/first_screen.h"

#include "core/base/machine_memory.h"
#include "core/tensor/devices.h"
#include "ui/look/metrics.h"
#include "ui/pages/model/recent_list.h"
#include "ui/pages/model/start_picture.h"
#include "ui/services/services.h"
#include "ui/widgets/card.h"
#include "ui/words/format.h"

#include <QDir>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

#include <array>

namespace pissarro::ui {

namespace {

constexpr int kGap = 12; // px between cards
constexpr int kMostRecent = 6; // rows of a high window
constexpr int kRowsBelow = 480; // px that the rest of the screen takes of its height
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
    middle->addWidget(buildOpen(), 1);
    middle->addWidget(buildWhat(), 1);
    QHBoxLayout* below = cardRow(all, 0);
    below->addWidget(buildSteps(), 2);
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
    row->addWidget(m_demo, 0, Qt::AlignVCenter);
    card->body()->addLayout(row);
    connect(m_demo, &QPushButton::clicked, this, &FirstScreen::demoRequested);
    return card;
}

QWidget* FirstScreen::buildOpen()
{
    auto* card = new Card(tr("Open a model"));
    card->body()->addWidget(label(
        tr("A Hugging Face folder, a .gguf file, or the id of a model in the local Hugging Face "
           "cache; or drop one anywhere. Only headers are read, nothing is downloaded."),
        "muted"));
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

QWidget* FirstScreen::buildWhat()
{
    auto* card = new Card(tr("What PiSSA is"));
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
    for (const QString& sentence : sentences) {
        auto* line = new QLabel(sentence);
        line->setWordWrap(true);
        line->setTextInteractionFlags(Qt::TextSelectableByMouse);
        card->body()->addWidget(line);
    }
    card->body()->addSpacing(8);
    card->body()->addWidget(new StartPicture, 1);
    card->body()->addWidget(label(tr("Meng, Wang, Zhang: PiSSA, arXiv 2404.02948"), "small"));
    return card;
}

QWidget* FirstScreen::buildSteps()
{
    auto* card = new Card(tr("What one does here"));
    const std::array<std::pair<QString, QString>, 4> steps {{
        {tr("1  Open a model"), tr("Its matrices, tokenizer and singular values appear.")},
        {tr("2  Pick the rank"), tr("Drag it along the spectra and read what it keeps and costs.")},
        {tr("3  Train beside LoRA"), tr("Both see the same batches; their losses draw live.")},
        {tr("4  Compare and export"), tr("Runs side by side; adapter or model to take away.")},
    }};
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(16);
    grid->setVerticalSpacing(2);
    int column = 0;
    for (const auto& [title, sentence] : steps) {
        grid->addWidget(label(title, "title"), 0, column);
        grid->addWidget(label(sentence, "muted"), 1, column, Qt::AlignTop);
        grid->setColumnStretch(column++, 1);
    }
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
    m_processor->setText(QString::fromStdString(devices.front().title));
    m_memory->setText(formatBytes(core::machineMemoryBytes()));
    m_accelerator->setText(devices.size() > 1 ? QString::fromStdString(devices[1].title)
                                              : tr("none found"));
}

// As many of those opened last as there is room for.
void FirstScreen::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_recent->setMostRows(std::clamp((height() - kRowsBelow) / kRecentRow, 1, kMostRecent));
}

} // namespace pissarro::ui
