// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat/token_card.h"

#include "core/text/number_text.h"
#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/look/theme.h"
#include "ui/widgets/figures.h"

#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QShortcut>
#include <QStringList>
#include <QStyledItemDelegate>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

enum Column { Text, Bar, Probability, ColumnCount };

constexpr int kRowHeight = 24; // px
constexpr int kBarHeight = 6;
constexpr int kFigureWidth = 60;
constexpr int kMostRows = 5;

// A bar as long as the share that its cell holds.
class BarDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        const Colors& colors = Theme::instance().colors();
        QRect ground = option.rect.adjusted(4, 0, -4, 0);
        ground.setTop(ground.center().y() - scaled(kBarHeight) / 2);
        ground.setHeight(scaled(kBarHeight));
        painter->fillRect(ground, colors.line);
        ground.setWidth(static_cast<int>(ground.width() * index.data(Qt::UserRole).toDouble()));
        painter->fillRect(ground,
                          index.row() == 0 ? colors.accent
                                           : Theme::mixed(colors.accent, colors.card, 0.4));
    }
};

// As it stands in the text, with what cannot be seen made visible.
QString shown(const std::string& text)
{
    QString said = QString::fromStdString(text);
    said.replace(u'\n', QStringLiteral("⏎"));
    return said.trimmed().isEmpty() ? said.replace(u' ', u'·') : said;
}

// Three digits behind the point, as those above and below have them.
QString chanceText(double probability)
{
    constexpr double kLeast = 0.0005; // rounds to the last digit
    return probability < kLeast ? TokenCard::tr("< 0.001")
                                : QString::fromStdString(core::fixedText(probability, 3));
}

} // namespace

TokenCard::TokenCard(QWidget* parent)
    : Card(tr("Token"), parent)
    , m_hint(new QLabel(tr("Click a token of an answer: what else could have stood there")))
    , m_table(new QTableWidget)
    , m_others(new QLabel)
{
    setObjectName(QStringLiteral("chat.token"));
    m_table->setObjectName(QStringLiteral("chat.token.table"));
    m_table->setAccessibleName(tr("Tokens that could stand there, the likeliest first"));
    m_table->setToolTip(tr("Double click or Enter: the answer goes on from this token instead"));
    m_table->setColumnCount(ColumnCount);
    m_table->horizontalHeader()->hide();
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(scaled(kRowHeight));
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setTabKeyNavigation(false);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setFixedHeight(scaled(kRowHeight) * kMostRows + 2);
    m_table->horizontalHeader()->setSectionResizeMode(Text, QHeaderView::Stretch);
    m_table->horizontalHeader()->setSectionResizeMode(Bar, QHeaderView::Stretch);
    m_table->horizontalHeader()->resizeSection(Probability, scaled(kFigureWidth));
    m_table->setItemDelegateForColumn(Bar, new BarDelegate(m_table));
    m_table->setItemDelegateForColumn(Probability, new FigureDelegate(m_table));
    m_others->setObjectName(QStringLiteral("chat.token.others"));
    for (QLabel* label : {m_hint, m_others}) {
        label->setWordWrap(true);
        setRole(label, "muted");
    }
    body()->addWidget(m_hint);
    body()->addWidget(m_table);
    body()->addWidget(m_others);
    // Not activated(): where one click activates, a look would be a choice.
    auto* enter = new QShortcut(Qt::Key_Return, m_table, nullptr, nullptr, Qt::WidgetShortcut);
    connect(enter, &QShortcut::activated, this, [this] { activate(m_table->currentRow()); });
    connect(m_table, &QTableWidget::cellDoubleClicked, this,
            [this](int row, int /*column*/) { activate(row); });
    connect(&Theme::instance(), &Theme::changed, this, [this] { m_table->viewport()->update(); });
    showNothing();
}

void TokenCard::showNothing()
{
    m_token = {};
    setSubtitle({});
    m_hint->show();
    m_table->hide();
    m_table->setRowCount(0);
    m_others->hide();
}

void TokenCard::showToken(const core::TalkToken& token, const QString& column)
{
    m_token = token;
    setSubtitle(tr("«%1», %2").arg(shown(token.choice.text), column));
    m_hint->hide();
    m_table->show();
    m_others->show();
    m_others->setText(tr("Double click: go on with another."));
    const auto rows = static_cast<int>(std::min<std::size_t>(token.likeliest.size(), kMostRows));
    m_table->setRowCount(rows);
    for (int row = 0; row < rows; ++row) {
        const core::TalkToken::Choice& one = token.likeliest[static_cast<std::size_t>(row)];
        const double probability = std::exp(one.logProbability);
        const QString figure = chanceText(probability);
        auto* text = new QTableWidgetItem(shown(one.text));
        text->setToolTip(tr("%1, probability %2").arg(shown(one.text), figure));
        if (one.id == token.choice.id) {
            QFont font = text->font();
            font.setBold(true);
            text->setFont(font);
        }
        auto* bar = new QTableWidgetItem;
        bar->setData(Qt::UserRole, probability);
        m_table->setItem(row, Text, text);
        m_table->setItem(row, Bar, bar);
        m_table->setItem(row, Probability, new QTableWidgetItem(figure));
    }
}

void TokenCard::showOthers(const std::vector<std::pair<QString, double>>& chances)
{
    QStringList lines;
    for (const auto& [title, probability] : chances) {
        lines.append(tr("%1 gives it %2.").arg(title, chanceText(probability)));
    }
    lines.append(tr("Double click: go on with another."));
    m_others->setText(lines.join(u'\n'));
}

void TokenCard::activate(int row)
{
    const auto which = static_cast<std::size_t>(row);
    if (row >= 0 && which < m_token.likeliest.size()
        && m_token.likeliest[which].id != m_token.choice.id) {
        Q_EMIT goOnWanted(row);
    }
}

} // namespace pissarro::ui
