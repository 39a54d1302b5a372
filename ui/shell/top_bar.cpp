// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/top_bar.h"

#include "core/base/machine_memory.h"
#include "ui/look/icons.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/services/services.h"
#include "ui/widgets/chip.h"
#include "ui/widgets/elided_label.h"
#include "ui/words/format.h"
#include "ui/words/model_words.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenuBar>
#include <QPushButton>
#include <QToolButton>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kHeight = 48; // px
constexpr int kReadableName = 170; // px: a model's name that is cut to less says nothing
constexpr int kMemoryTickMs = 1000;

// "1.1 of 23 GB", the unit told once when it is the same.
QString memoryWords(std::int64_t used, std::int64_t total)
{
    const QString a = formatBytes(used);
    const QString b = formatBytes(total);
    const qsizetype unit = a.lastIndexOf(QLatin1Char(' '));
    const bool same = b.endsWith(a.mid(unit));
    return TopBar::tr("Memory %1 of %2").arg(same ? a.left(unit) : a, b);
}

} // namespace

TopBar::TopBar(Services& services, QWidget* parent)
    : QFrame(parent)
    , m_services(services)
    , m_menus(new QMenuBar)
    , m_product(new QLabel(QStringLiteral("Pissarro")))
    , m_model(new ElidedLabel)
    , m_fact(new Chip(QStringLiteral("chip.model"), tr("What the model is")))
    , m_device(new Chip(QStringLiteral("chip.device"), tr("Device")))
    , m_memory(new Chip(QStringLiteral("chip.memory"), tr("Memory in use")))
    , m_theme(new QToolButton)
    , m_open(new QPushButton(tr("Open model…")))
{
    setObjectName(QStringLiteral("topBar"));
    setAccessibleName(tr("Model and machine"));
    setFixedHeight(scaled(kHeight));

    m_product->setObjectName(QStringLiteral("product"));
    m_model->setObjectName(QStringLiteral("modelName"));
    m_model->setAccessibleName(tr("Model"));
    m_theme->setObjectName(QStringLiteral("themeSwitch"));
    m_theme->setAccessibleName(tr("Switch between light and dark"));
    m_theme->setIconSize(QSize(scaled(18), scaled(18)));
    m_open->setObjectName(QStringLiteral("openModel"));
    m_open->setAccessibleName(tr("Open model"));
    m_open->setToolTip(tr("Open a model folder or a .gguf file (Ctrl+O)"));

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 0, 14, 0);
    row->setSpacing(10);
    row->addWidget(m_product);
    m_menus->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed); // the name gives way first
    row->addWidget(m_menus);
    row->addWidget(m_model, 0);
    row->addWidget(m_fact, 0);
    row->addStretch(1);
    row->addWidget(m_device);
    row->addWidget(m_memory);
    row->addWidget(m_theme);
    row->addWidget(m_open);

    connect(m_open, &QPushButton::clicked, this, &TopBar::openRequested);
    connect(m_theme, &QToolButton::clicked, this, &TopBar::themeToggled);
    connect(&m_services.model, &Model::opened, this, &TopBar::showModel);
    connect(&Theme::instance(), &Theme::changed, this, &TopBar::showTheme);
    connect(&m_memoryTimer, &QTimer::timeout, &m_services.machine, &Machine::askMemory);
    connect(&m_services.machine, &Machine::memoryKnown, this, &TopBar::showMemory);
    m_memoryTimer.start(kMemoryTickMs);
    showModel();
    m_services.machine.askMemory();
    showTheme();
    showDevice();
    connect(&m_services.machine, &Machine::found, this, &TopBar::showDevice);
}

void TopBar::showModel()
{
    const auto model = m_services.model.files();
    m_model->setText(model ? QString::fromStdString(model->displayName()) : tr("No model open"));
    m_fact->setText(model ? modelFact(*model) : QString());
    m_model->setToolTip(model ? modelFact(*model) : QString());
    fitChips();
}

// What may be left out is shown only where it fits: a chip that is shown and hidden again would squeeze the menus with each
// second's memory.
void TopBar::fitChips()
{
    const auto likes = [](const QWidget* one) { return one->sizeHint().width(); };
    const int gap = layout()->spacing();
    const QMargins edges = layout()->contentsMargins();
    const int menus = m_menus->isNativeMenuBar() ? 0 : likes(m_menus);
    const int leastName = m_model->minimumSizeHint().width();
    int room = width() - edges.left() - edges.right() - menus - leastName - likes(m_theme)
        - likes(m_open) - 3 * gap;
    const auto fit = [&](QWidget* one, bool wanted) {
        const bool fits = wanted && likes(one) + gap <= room;
        room -= fits ? likes(one) + gap : 0;
        one->setVisible(fits);
        return fits;
    };
    fit(m_product, true);
    const int readable = std::max(leastName, std::min(likes(m_model), scaled(kReadableName)));
    room -= readable - leastName;
    fit(m_device, !m_device->text().isEmpty());
    room -= std::max(0, likes(m_model) - readable); // it gives way to those, not to the others
    const bool told = m_fact->text().isEmpty() || fit(m_fact, true);
    m_fact->setVisible(told && !m_fact->text().isEmpty());
    fit(m_memory, told && !m_memory->text().isEmpty());
}

void TopBar::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    fitChips();
}

bool TopBar::event(QEvent* event)
{
    if (event->type() == QEvent::LayoutRequest) {
        fitChips();
    }
    return QFrame::event(event);
}

void TopBar::showMemory()
{
    m_memory->setText(
        memoryWords(m_services.machine.memory().used, m_services.machine.memory().all));
    fitChips();
}

void TopBar::showDevice()
{
    m_device->setText(deviceTitle(m_services.machine.device()));
    fitChips();
}

void TopBar::showTheme()
{
    const bool dark = Theme::instance().isDark();
    m_theme->setIcon(themedIcon(dark ? QStringLiteral("sun") : QStringLiteral("moon")));
    // Of Qt, where menus have no room; its own picture is lost in the dark.
    if (auto* more = m_menus->findChild<QToolButton*>(QStringLiteral("qt_menubar_ext_button"))) {
        more->setIcon(themedIcon(QStringLiteral("more")));
        more->setAccessibleName(tr("More menus"));
        more->setToolTip(tr("More menus"));
    }
    m_theme->setToolTip(dark ? tr("Light (Ctrl+Shift+L)") : tr("Dark (Ctrl+Shift+L)"));
}

} // namespace pissarro::ui
