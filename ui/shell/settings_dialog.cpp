// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/settings_dialog.h"

#include "core/base/machine_memory.h"
#include "core/base/version.h"
#include "core/file/cache.h"
#include "core/train/memory_estimate.h"
#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/services/services.h"
#include "ui/services/settings.h"
#include "ui/services/start_environment.h"
#include "ui/shell/closing.h"
#include "ui/shell/launch.h"
#include "ui/shell/window_log.h"
#include "ui/widgets/card.h"
#include "ui/widgets/dialog_ground.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/model_words.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QGridLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QThread>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr int kWidth = 780; // px, both columns
constexpr int kMostCacheMb = 4'000'000; // 4 TB

QFormLayout* formIn(Card* card)
{
    auto* form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    card->body()->addLayout(form);
    return form;
}

LanguageList languagesToChoose()
{
    LanguageList choices;
    for (const Language& one : languages()) {
        choices.append({one.code, one.name});
    }
    return choices;
}

// The label of a row is the field's buddy; it is named for who hears it.
void addRow(QFormLayout* form, const char* name, const QString& label, QWidget* field)
{
    field->setObjectName(QStringLiteral("settings.") + QLatin1String(name));
    field->setAccessibleName(plainLabel(label));
    form->addRow(label, field);
}

QLabel* fact(QFormLayout* form, const char* name, const QString& label, const QString& text = {})
{
    auto* value = new QLabel(text);
    value->setTextFormat(Qt::PlainText);
    value->setWordWrap(true);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    addRow(form, name, label, value);
    return value;
}

QLabel* note(const QString& text)
{
    auto* line = new QLabel(text);
    line->setWordWrap(true);
    setRole(line, "small");
    return line;
}

// A number that counts from the next start on, unless the environment has one of its own.
void addNumber(QFormLayout* form, const char* name, const QString& label, QSpinBox* box,
               const Setting<int>& setting, const char* variable)
{
    box->setValue(stored(setting));
    addRow(form, name, label, box);
    const bool outside = isSetOutside(variable);
    box->setEnabled(!outside);
    form->addRow(QString(),
                 note(outside ? SettingsDialog::tr("Set by %1=%2 in the environment.")
                                    .arg(QLatin1String(variable), qEnvironmentVariable(variable))
                              : SettingsDialog::tr("From the next start on.")));
    QObject::connect(box, &QSpinBox::valueChanged, box,
                     [setting](int value) { store(setting, value); });
}

} // namespace

SettingsDialog::SettingsDialog(Services& services, const LanguageList& languages, QWidget* parent)
    : QDialog(parent)
    , m_services(services)
    , m_folders(new QListWidget)
    , m_remove(new QPushButton(tr("Remove")))
    , m_cache(new QLabel)
    , m_clear(new QPushButton(tr("Clear")))
{
    setObjectName(QStringLiteral("dialog.settings"));
    setWindowTitle(tr("Settings"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    buttons->button(QDialogButtonBox::Close)->setObjectName(QStringLiteral("settings.close"));
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto* cards = new QGridLayout;
    cards->setSpacing(12);
    cards->addWidget(makeLook(languages), 0, 0);
    cards->addWidget(makeRuns(), 1, 0);
    cards->addWidget(makeComputing(), 0, 1);
    cards->addWidget(makeMachine(), 1, 1);
    cards->setRowStretch(1, 1);
    cards->setColumnStretch(0, 1);
    cards->setColumnStretch(1, 1);
    auto* all = new QVBoxLayout(this);
    all->addWidget(new DialogGround(cards, scaled(kWidth)), 1);
    all->addWidget(buttons);

    connect(&m_services.library, &RunLibrary::changed, this, &SettingsDialog::showFolders);
    connect(&m_services.caches, &Service::stateChanged, this, &SettingsDialog::showCaches);
    connect(&m_services.machine, &Machine::found, this, &SettingsDialog::showMachine);
    showFolders();
    showCaches();
    showMachine();
    m_services.caches.look();
    // Not Machine::lookAt(), which is the form's: its folder may be another.
    m_looking.start<std::int64_t>(
        [root = core::defaultRunRoot()](const core::JobContext&) {
            return core::freeDiskBytes(root);
        },
        [this](std::int64_t free) {
            m_free->setText(free < 0 ? tr("not known") : formatBytes(free));
        });
    fitToScreen(this);
}

Card* SettingsDialog::makeLook(const LanguageList& languages)
{
    auto* card = new Card(tr("Look"));
    QFormLayout* form = formIn(card);
    auto* theme = new QComboBox;
    theme->addItem(tr("As the system"), static_cast<int>(ThemeMode::System));
    theme->addItem(tr("Light"), static_cast<int>(ThemeMode::Light));
    theme->addItem(tr("Dark"), static_cast<int>(ThemeMode::Dark));
    addRow(form, "theme", tr("&Theme"), theme);
    const auto follow = [theme] {
        const QSignalBlocker quiet(theme);
        theme->setCurrentIndex(theme->findData(static_cast<int>(Theme::instance().mode())));
    };
    follow();
    connect(&Theme::instance(), &Theme::changed, theme, follow);
    connect(theme, &QComboBox::activated, theme,
            [theme] { rememberTheme(static_cast<ThemeMode>(theme->currentData().toInt())); });
    auto* text = new QSpinBox;
    text->setRange(kLeastText, kMostText);
    text->setSingleStep(5);
    text->setSuffix(QStringLiteral(" %"));
    text->setToolTip(tr("Of the text of the system; rows and fields follow"));
    text->setValue(stored(setting::kTextPercent));
    addRow(form, "text", tr("Text &size"), text);
    connect(text, &QSpinBox::valueChanged, text, [](int percent) {
        store(setting::kTextPercent, percent);
        Theme::instance().setText(percent);
    });
    addLanguage(form, languages);
    card->body()->addStretch(1);
    return card;
}

void SettingsDialog::addLanguage(QFormLayout* form, const LanguageList& languages)
{
    if (languages.size() < 2) {
        return;
    }
    auto* box = new QComboBox;
    box->addItem(tr("As the system"), setting::kLanguage.standard);
    for (const auto& [code, name] : languages) {
        box->addItem(name, code);
    }
    box->setCurrentIndex(std::max(0, box->findData(stored(setting::kLanguage))));
    addRow(form, "language", tr("&Language"), box);
    form->addRow(QString(), note(tr("From the next start on.")));
    connect(box, &QComboBox::activated, box,
            [box] { store(setting::kLanguage, box->currentData().toString()); });
}

Card* SettingsDialog::makeRuns()
{
    auto* card = new Card(tr("Runs"));
    QFormLayout* form = formIn(card);
    fact(form, "runRoot", tr("New runs"), textOf(core::defaultRunRoot()));
    addRow(form, "folders", tr("Also &look in"), m_folders);
    m_folders->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_folders->setTextElideMode(Qt::ElideMiddle);
    m_folders->setProperty("kind", QByteArray("field"));

    auto* add = new QPushButton(tr("&Add…"));
    add->setObjectName(QStringLiteral("settings.addFolder"));
    add->setAccessibleName(tr("Add a folder with runs"));
    m_remove->setObjectName(QStringLiteral("settings.removeFolder"));
    m_remove->setAccessibleName(tr("Look in the chosen folders no more"));
    m_remove->setToolTip(tr("The runs in it stay where they are"));
    auto* row = new QHBoxLayout;
    row->addWidget(add);
    row->addWidget(m_remove);
    row->addStretch(1);
    form->addRow(QString(), row);
    connect(add, &QPushButton::clicked, this, &SettingsDialog::chooseFolder);
    connect(m_remove, &QPushButton::clicked, this, [this] {
        for (const QListWidgetItem* item : m_folders->selectedItems()) {
            m_services.library.removeFolder(item->text());
        }
        showFolders();
    });
    connect(m_folders, &QListWidget::itemSelectionChanged, this,
            [this] { m_remove->setEnabled(!m_folders->selectedItems().isEmpty()); });
    addClosing(form);
    return card;
}

void SettingsDialog::addClosing(QFormLayout* form)
{
    auto* box = new QComboBox;
    box->addItem(tr("Ask"));
    box->addItem(tr("Keep training, in a process of its own"),
                 static_cast<int>(CloseChoice::KeepTraining));
    box->addItem(tr("Stop, keep the adapter"), static_cast<int>(CloseChoice::StopTraining));
    const auto answer = Closing::answer();
    box->setCurrentIndex(answer ? box->findData(static_cast<int>(*answer)) : 0);
    addRow(form, "closing", tr("&Closing on a run"), box);
    connect(box, &QComboBox::activated, box, [box] {
        const QVariant choice = box->currentData();
        Closing::remember(choice.isValid() ? std::optional(static_cast<CloseChoice>(choice.toInt()))
                                           : std::nullopt);
    });
}

Card* SettingsDialog::makeComputing()
{
    auto* card = new Card(tr("Computing"));
    QFormLayout* form = formIn(card);
    auto* threads = new QSpinBox;
    threads->setRange(0, std::max(1, QThread::idealThreadCount()));
    threads->setSpecialValueText(tr("All"));
    addNumber(form, "threads", tr("T&hreads"), threads, setting::kThreads, kThreadsVariable);

    auto* limit = new QSpinBox;
    limit->setRange(0, kMostCacheMb);
    limit->setSingleStep(512);
    limit->setGroupSeparatorShown(true);
    limit->setSuffix(QStringLiteral(" MB"));
    limit->setSpecialValueText(tr("Keep nothing"));
    addNumber(form, "cacheLimit", tr("Cache, at &most"), limit, setting::kCacheMb, kCacheVariable);

    m_cache->setWordWrap(true);
    addRow(form, "cache", tr("Cache now"), m_cache);
    m_clear->setObjectName(QStringLiteral("settings.clearCache"));
    m_clear->setAccessibleName(tr("Clear the cache"));
    m_clear->setToolTip(tr("What is needed again is computed again"));
    auto* row = new QHBoxLayout;
    row->addWidget(m_clear);
    row->addStretch(1);
    form->addRow(QString(), row);
    connect(m_clear, &QPushButton::clicked, this, [this] { m_services.caches.clear(); });
    card->body()->addStretch(1);
    return card;
}

Card* SettingsDialog::makeMachine()
{
    auto* card = new Card(tr("This machine"));
    QFormLayout* form = formIn(card);
    m_devices = fact(form, "devices", tr("Devices"));
    fact(form, "memory", tr("Memory"), formatBytes(core::machineMemoryBytes()));
    m_free = fact(form, "free", tr("Free for runs"));
    m_trainer = fact(form, "trainer", tr("Trainer"));
    fact(form, "cacheFolder", tr("Cache folder"), textOf(core::cacheRoot()));
    fact(form, "settingsFile", tr("Settings"), QSettings().fileName());
    fact(form, "log", tr("Log"), windowLogPath());
    fact(form, "version", tr("Version"), QLatin1String(core::version()));
    card->body()->addStretch(1);
    return card;
}

void SettingsDialog::chooseFolder()
{
    auto* dialog = new QFileDialog(this, tr("Add a folder with runs"));
    dialog->setObjectName(QStringLiteral("settings.folderDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        m_services.library.addFolder(path);
        showFolders();
    });
    dialog->open();
}

void SettingsDialog::showFolders()
{
    const QStringList folders = m_services.library.folders();
    QStringList shown;
    for (int row = 0; row < m_folders->count(); ++row) {
        shown.append(m_folders->item(row)->text());
    }
    if (shown != folders) { // else a choice stays
        m_folders->clear();
        m_folders->addItems(folders);
    }
    m_remove->setEnabled(!m_folders->selectedItems().isEmpty());
}

void SettingsDialog::showCaches()
{
    const Caches& caches = m_services.caches;
    QStringList words;
    for (const Caches::Part& part : caches.parts()) {
        words.append(QStringLiteral("%1 %2").arg(part.folder, formatBytes(part.bytes)));
    }
    m_cache->setText(words.isEmpty() ? caches.isRunning() ? tr("being counted…") : tr("empty")
                                     : words.join(QStringLiteral(", ")));
    m_clear->setEnabled(!caches.isRunning() && caches.bytes() > 0);
}

void SettingsDialog::showMachine()
{
    const Machine& machine = m_services.machine;
    QStringList titles;
    for (const core::DeviceInfo& device : machine.devices()) {
        titles.append(deviceTitle(device));
    }
    m_devices->setText(titles.join(QLatin1Char('\n')));
    m_trainer->setText(machine.hasTrainer()
                           ? tr("pissarro-cli: runs can go on without a window")
                           : tr("pissarro-cli is not found: runs end with their window"));
}

void showSettings(Services& services, QWidget* window)
{
    auto* dialog = window->findChild<SettingsDialog*>(); // one
    if (dialog == nullptr) {
        dialog = new SettingsDialog(services, languagesToChoose(), window);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->show();
    }
    dialog->raise();
    dialog->activateWindow();
}

} // namespace pissarro::ui
