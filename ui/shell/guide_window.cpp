// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/guide_window.h"

#include "ui/look/metrics.h"
#include "ui/widgets/dialog_ground.h"

#include <QDesktopServices>
#include <QFile>
#include <QHBoxLayout>
#include <QImage>
#include <QPushButton>
#include <QTextBlock>
#include <QTextBrowser>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextList>
#include <QTextTable>
#include <QUrl>
#include <QVBoxLayout>

#include <utility>

namespace pissarro::ui {

namespace {

constexpr QSize kSize {840, 780}; // px
constexpr int kPictureWidth = 760; // px, at most
constexpr int kMargin = 16; // px, of a page
constexpr double kLineHeight = 125.0; // percent
const QString kContents = QStringLiteral("README");
const QString kRoot = QStringLiteral("qrc:/guide/");

// Pictures no wider than the text.
class GuideBrowser : public QTextBrowser {
public:
    using QTextBrowser::QTextBrowser;

    QVariant loadResource(int type, const QUrl& name) override
    {
        const QVariant found = QTextBrowser::loadResource(type, name);
        if (type != QTextDocument::ImageResource) {
            return found;
        }
        QImage picture = found.value<QImage>();
        if (picture.isNull()) {
            picture = QImage::fromData(found.toByteArray());
        }
        const int widest = scaled(kPictureWidth);
        return picture.width() > widest ? picture.scaledToWidth(widest, Qt::SmoothTransformation)
                                        : picture;
    }
};

// px above and below a block of text; Markdown brings none.
std::pair<int, int> gapsOf(const QTextBlock& block)
{
    if (const int level = block.blockFormat().headingLevel(); level > 0) {
        return {level == 1 ? 0 : 16, level == 1 ? 8 : 4};
    }
    if (block.blockFormat().hasProperty(QTextFormat::BlockCodeFence)) {
        const bool goesOn = block.next().blockFormat().hasProperty(QTextFormat::BlockCodeFence);
        return {0, goesOn ? 0 : 10};
    }
    return {0, block.textList() != nullptr ? 4 : 8};
}

// A page as it is pleasant to read: gaps between its blocks, and between lines. Tables keep their own.
void setGaps(QTextDocument& page)
{
    page.setDocumentMargin(scaled(kMargin));
    for (QTextBlock block = page.begin(); block.isValid(); block = block.next()) {
        QTextCursor cursor(block);
        if (cursor.currentTable() != nullptr) {
            continue;
        }
        const auto [above, below] = gapsOf(block);
        QTextBlockFormat format;
        format.setTopMargin(above > 0 ? scaled(above) : 0);
        format.setBottomMargin(below > 0 ? scaled(below) : 0);
        format.setLineHeight(kLineHeight, QTextBlockFormat::ProportionalHeight);
        cursor.mergeBlockFormat(format);
    }
}

// As GitHub names a heading: "If you have five minutes" is "if-you-have-five-minutes".
QString slugOf(const QString& heading)
{
    QString slug;
    for (const QChar letter : heading.trimmed().toLower()) {
        if (letter.isLetterOrNumber() || letter == u'-' || letter == u'_') {
            slug += letter;
        } else if (letter == u' ') {
            slug += u'-';
        }
    }
    return slug;
}

} // namespace

GuideWindow::GuideWindow(QWidget* parent)
    : QDialog(parent)
    , m_browser(new GuideBrowser)
    , m_back(new QPushButton(tr("‹ Back")))
{
    setObjectName(QStringLiteral("guide"));
    setWindowTitle(tr("Guide"));
    m_browser->setObjectName(QStringLiteral("guide.text"));
    m_browser->setAccessibleName(tr("The guide"));
    m_browser->setOpenLinks(false);
    m_browser->setFrameShape(QFrame::NoFrame);
    m_back->setObjectName(QStringLiteral("guide.back"));
    m_back->setAccessibleName(tr("The page before"));
    m_back->setShortcut(QKeySequence::Back);
    m_back->setToolTip(m_back->shortcut().toString(QKeySequence::NativeText));
    m_back->setEnabled(false);
    auto* contents = new QPushButton(tr("All pages"));
    contents->setObjectName(QStringLiteral("guide.contents"));
    contents->setAccessibleName(tr("All pages of the guide"));
    contents->setShortcut(Qt::ALT | Qt::Key_Home);
    contents->setToolTip(contents->shortcut().toString(QKeySequence::NativeText));
    for (QPushButton* button : {m_back, contents}) {
        button->setAutoDefault(false); // Enter follows a link
    }
    connect(m_browser, &QTextBrowser::sourceChanged, this,
            [this] { setGaps(*m_browser->document()); });
    connect(m_browser, &QTextBrowser::anchorClicked, this, &GuideWindow::follow);
    connect(m_browser, &QTextBrowser::backwardAvailable, m_back, &QWidget::setEnabled);
    connect(m_back, &QPushButton::clicked, m_browser, &QTextBrowser::backward);
    connect(contents, &QPushButton::clicked, this, [this] { showPage({}); });
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_back);
    buttons->addWidget(contents);
    buttons->addStretch(1);
    auto* all = new QVBoxLayout(this);
    all->addLayout(buttons);
    all->addWidget(m_browser, 1);
    sizeAsDrawn(this, kSize);
    showPage({});
}

void GuideWindow::showPage(const QString& page)
{
    const QString name = page.section(u'#', 0, 0);
    const bool isThere = QFile::exists(QStringLiteral(":/guide/%1.md").arg(name));
    const QUrl url(kRoot + (isThere && !name.isEmpty() ? name : kContents) + QStringLiteral(".md"));
    if (m_browser->source() != url) {
        m_browser->setSource(url, QTextDocument::MarkdownResource);
    }
    if (page.contains(u'#')) {
        scrollToHeading(page.section(u'#', 1));
    }
    m_browser->setFocus();
}

QString GuideWindow::page() const
{
    return m_browser->source().fileName().section(u'.', 0, 0);
}

// Pages of the guide here, the web in its browser; what lies beside the guide in the repository is not in the program.
void GuideWindow::follow(const QUrl& link)
{
    if (link.scheme().startsWith(QLatin1String("http"))) {
        QDesktopServices::openUrl(link);
        return;
    }
    const QString path = QUrl(kRoot).resolved(link).path();
    const QString file = path.section(u'/', -1);
    const QString name = file.isEmpty() ? page() : file.section(u'.', 0, 0);
    if (path == QStringLiteral("/guide/") + file
        && (file.isEmpty() || QFile::exists(QLatin1Char(':') + path))) {
        showPage(link.hasFragment() ? name + u'#' + link.fragment() : name);
    }
}

void GuideWindow::scrollToHeading(const QString& slug)
{
    for (QTextBlock block = m_browser->document()->begin(); block.isValid(); block = block.next()) {
        if (block.blockFormat().headingLevel() > 0 && slugOf(block.text()) == slug) {
            QTextCursor cursor(m_browser->document());
            cursor.movePosition(QTextCursor::End); // then the heading comes to stand at the top
            m_browser->setTextCursor(cursor);
            m_browser->setTextCursor(QTextCursor(block));
            return;
        }
    }
}

void showGuide(QWidget* window, const QString& page)
{
    auto* guide = window->findChild<GuideWindow*>(QStringLiteral("guide"));
    if (guide == nullptr) {
        guide = new GuideWindow(window);
    }
    guide->showPage(page);
    guide->show();
    guide->raise();
    guide->activateWindow();
}

} // namespace pissarro::ui
