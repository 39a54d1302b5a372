// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/demo_walk.h"

#include "ui/services/service.h"
#include "ui/services/services.h"
#include "ui/shell/banner_stack.h"
#include "ui/shell/main_window.h"

#include <QCoreApplication>
#include <QKeyEvent>
#include <QWidget>

#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kTickMs = 100;
constexpr int kLeastMs = 2'500; // a sentence and a glance at the page

bool isEscape(const QEvent* event)
{
    return (event->type() == QEvent::KeyPress || event->type() == QEvent::ShortcutOverride)
        && static_cast<const QKeyEvent*>(event)->key() == Qt::Key_Escape;
}

QStringList foldersOf(const QVector<core::RunSummary>& runs)
{
    QStringList folders;
    for (const core::RunSummary& run : runs) {
        folders.append(QString::fromStdString(run.directory.string()));
    }
    return folders;
}

} // namespace

DemoWalk::DemoWalk(MainWindow& window, Services& services, BannerStack& banners)
    : QObject(&window)
    , m_window(window)
    , m_services(services)
    , m_banners(banners)
    , m_leastMs(kLeastMs)
{
    m_ticks.setInterval(kTickMs);
    connect(&m_ticks, &QTimer::timeout, this, &DemoWalk::look);
    connect(&m_services.training, &Service::stateChanged, this,
            [this] { m_trained = m_trained || m_services.training.isRunning(); });
    connect(&m_window, &MainWindow::pageShown, this, [this] {
        // What a mark begins may show its own page once more.
        const bool isElsewhere = isOn() && m_window.page() != m_marks[m_mark].page;
        if (isElsewhere && !m_moves) { // a person has seen enough, or wants to see more of another page
            leave();
        }
    });
}

DemoWalk::~DemoWalk() = default;

QVector<DemoWalk::Mark> DemoWalk::marks()
{
    const auto give = [this](const char* page, const QVariant& with) {
        if (Page* found = m_window.pageWidget(QLatin1String(page))) {
            found->take(with);
        }
    };
    const QString train = QStringLiteral("train");
    return {
        {QStringLiteral("model"),
         tr("Open, the first of five: a model's headers and its tokenizer are read."),
         [this] { m_services.model.open(QString::fromStdString(m_order.spec.model)); },
         [this] {
             return m_services.model.files()
                 && !std::holds_alternative<Running>(m_services.model.state());
         }},
        {QStringLiteral("spectrum"),
         tr("Look, the second of five: the spectra of its matrices are drawn as they are "
            "computed."),
         {},
         [this] {
             return !m_services.spectra.isRunning()
                 && m_services.spectra.all().size() == m_services.spectra.total();
         }},
        {train, tr("Train, the third of five: PiSSA and LoRA see the same batches, side by side."),
         [this, give] {
             m_trained = false;
             // As it is open: an id stands for a folder, which is not opened once more.
             m_order.spec.model = m_services.model.files()->path().string();
             give("train", QVariant::fromValue(m_order));
         },
         [this] { return m_trained && !m_services.training.isRunning(); }},
        {QStringLiteral("compare"),
         tr("Compare, the fourth of five: both losses, and by how much they differ."),
         [this, give] { give("compare", foldersOf(m_services.training.runs())); },
         [] { return true; }},
        {train,
         tr("Go on, the last of five: export, ask the model, or take data of your own."),
         {},
         [] { return true; }},
    };
}

void DemoWalk::begin(const DemoOrder& order)
{
    leave();
    m_order = order;
    m_marks = marks();
    QCoreApplication::instance()->installEventFilter(this);
    m_ticks.start();
    show(0);
}

void DemoWalk::leave()
{
    if (!isOn()) {
        return;
    }
    m_mark = -1;
    m_ticks.stop();
    QCoreApplication::instance()->removeEventFilter(this);
    m_banners.dismissNotice(tr("The demo"));
    Q_EMIT left();
}

void DemoWalk::show(int mark)
{
    m_mark = mark;
    const Mark& now = m_marks[mark];
    m_moves = true;
    m_window.showPage(now.page);
    m_moves = false;
    m_banners.dismissNotice(tr("The demo"));
    m_banners.showNotice(tr("The demo"), now.sentence, tr("Leave it (Esc)"), [this] { leave(); });
    m_inSight.start();
    if (now.begin) {
        now.begin();
    }
    Q_EMIT moved(mark);
}

void DemoWalk::look()
{
    const bool hasOrder = m_mark >= 2; // before, data and run are still what a person had
    if (m_services.model.failure() != nullptr
        || (hasOrder
            && (m_services.data.failure() != nullptr
                || m_services.training.failure() != nullptr))) {
        leave(); // what is wrong stands above the page
        return;
    }
    if (m_inSight.elapsed() < m_leastMs || !m_marks[m_mark].isThere()) {
        return;
    }
    if (m_mark + 1 < m_marks.size()) {
        show(m_mark + 1);
    } else {
        leave();
    }
}

bool DemoWalk::eventFilter(QObject* watched, QEvent* event)
{
    const auto* widget = qobject_cast<QWidget*>(watched);
    if (widget == nullptr || widget->window() != &m_window || !isEscape(event)) {
        return QObject::eventFilter(watched, event);
    }
    event->accept(); // of an override: the key comes here then, and to no shortcut
    if (event->type() == QEvent::KeyPress) {
        leave();
    }
    return true;
}

} // namespace pissarro::ui
