// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/train/module_chips.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/edited.h"

#include <QAbstractButton>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QRegularExpression>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace pissarro::ui {

namespace {

struct ModuleType {
    const char* label;
    const char* type; // as the model names it
};

constexpr std::array<ModuleType, 7> kTypes {{
    {"q", "q_proj"},
    {"k", "k_proj"},
    {"v", "v_proj"},
    {"o", "o_proj"},
    {"gate", "gate_proj"},
    {"up", "up_proj"},
    {"down", "down_proj"},
}};
constexpr std::size_t kAttentionTypes = 4; // the first line of chips
constexpr int kHeight = 24; // px
constexpr int kPauseMs = 500; // in typing
constexpr double kRadius = 6.0; // px

class Chip : public QAbstractButton {
public:
    explicit Chip(const QString& label)
    {
        setText(label);
        setCheckable(true);
        setChecked(true);
        setFocusPolicy(Qt::StrongFocus);
        setAttribute(Qt::WA_Hover);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }

    QSize sizeHint() const override
    {
        return {fontMetrics().horizontalAdvance(text()) + scaled(16), scaled(kHeight)};
    }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* /*event*/) override
    {
        const Colors& colors = Theme::instance().colors();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF box = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
        painter.setBrush(isChecked() ? colors.tint : underMouse() ? colors.page : colors.card);
        painter.setPen(QPen(hasFocus() ? colors.accent : colors.line, hasFocus() ? 1.5 : 1.0));
        painter.drawRoundedRect(box, kRadius, kRadius);
        QColor ink = isChecked() ? colors.accent : colors.muted;
        ink.setAlphaF(isEnabled() ? 1.0F : 0.45F);
        painter.setPen(ink);
        QFont label = font();
        label.setPixelSize(scaled(12));
        label.setWeight(isChecked() ? QFont::DemiBold : QFont::Normal);
        painter.setFont(label);
        painter.drawText(rect(), Qt::AlignCenter, text());
    }

    void keyPressEvent(QKeyEvent* event) override
    {
        switch (event->key()) {
        case Qt::Key_Left:
        case Qt::Key_Up:
            focusNextPrevChild(false);
            break;
        case Qt::Key_Right:
        case Qt::Key_Down:
            focusNextPrevChild(true);
            break;
        default:
            QAbstractButton::keyPressEvent(event);
        }
    }
};

// Splits at spaces and commas outside braces: "{q,k}_proj, down_proj" is two patterns.
std::vector<std::string> patternsIn(const QString& text)
{
    std::vector<std::string> patterns;
    std::string current;
    int depth = 0;
    for (const char c : text.toStdString() + " ") {
        depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        const bool between = depth <= 0 && (c == ' ' || c == ',');
        if (!between) {
            current += c;
        } else if (!current.empty()) {
            patterns.push_back(current);
            current.clear();
        }
    }
    if (!current.empty()) { // an unclosed brace
        current.erase(current.find_last_not_of(' ') + 1);
        patterns.push_back(current);
    }
    return patterns;
}

} // namespace

ModuleChips::ModuleChips(QWidget* parent)
    : QWidget(parent)
    , m_pattern(new QLineEdit(this))
{
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 2, 0, 0);
    outer->setSpacing(4);
    auto* attention = new QHBoxLayout;
    auto* feedForward = new QHBoxLayout;
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
        auto* chip = new Chip(QLatin1String(kTypes[i].label));
        chip->setObjectName(QStringLiteral("train.module.%1").arg(QLatin1String(kTypes[i].label)));
        chip->setAccessibleName(tr("Train %1").arg(QLatin1String(kTypes[i].type)));
        chip->setToolTip(QLatin1String(kTypes[i].type));
        (i < kAttentionTypes ? attention : feedForward)->addWidget(chip);
        m_chips.append(chip);
        connect(chip, &QAbstractButton::toggled, this, &ModuleChips::changed);
    }
    for (QHBoxLayout* line : {attention, feedForward}) {
        line->setSpacing(4);
        outer->addLayout(line);
    }
    m_pattern->setObjectName(QStringLiteral("train.module.pattern"));
    m_pattern->setAccessibleName(tr("Module patterns, in place of the types"));
    m_pattern->setPlaceholderText(tr("in place of the types"));
    m_pattern->setToolTip(tr("Whole module paths with *, ? and {a,b}, for example "
                             "*.layers.{0,1,2}.*; takes the place of the types above"));
    setFocusProxy(m_chips.first());
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMs);
    connect(&m_pause, &QTimer::timeout, this, &ModuleChips::changed);
    whenEdited(m_pattern, this, [this] {
        if (m_pause.isActive()) {
            m_pause.stop();
            Q_EMIT changed();
        }
    });
    connect(m_pattern, &QLineEdit::textChanged, this, [this](const QString& text) {
        for (QAbstractButton* chip : m_chips) {
            chip->setEnabled(text.trimmed().isEmpty());
        }
        if (m_pattern->isModified()) { // by a person
            m_pause.start();
        }
        Q_EMIT changed();
    });
}

std::vector<std::string> ModuleChips::targets() const
{
    std::vector<std::string> targets = patternsIn(m_pattern->text());
    if (!targets.empty()) {
        return targets;
    }
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
        if (m_chips[static_cast<qsizetype>(i)]->isChecked()) {
            targets.emplace_back(kTypes[i].type);
        }
    }
    if (targets.size() == kTypes.size()) {
        return {};
    }
    return targets.empty() ? std::vector<std::string> {""} : targets;
}

void ModuleChips::setTargets(const std::vector<std::string>& targets)
{
    const QSignalBlocker quiet(this);
    const auto isType = [](const std::string& target) {
        return std::any_of(kTypes.begin(), kTypes.end(),
                           [&](const ModuleType& type) { return target == type.type; });
    };
    const bool typesOnly = std::all_of(targets.begin(), targets.end(), isType);
    QStringList patterns;
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
        const bool named =
            std::find(targets.begin(), targets.end(), kTypes[i].type) != targets.end();
        m_chips[static_cast<qsizetype>(i)]->setChecked(!typesOnly || targets.empty() || named);
    }
    if (!typesOnly) {
        for (const std::string& target : targets) {
            patterns << QString::fromStdString(target);
        }
    }
    m_pattern->setText(patterns.join(QLatin1Char(' ')));
}

} // namespace pissarro::ui
