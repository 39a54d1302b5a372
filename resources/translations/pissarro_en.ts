<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en_US">
<context>
    <name>pissarro::core</name>
    <message numerus="yes">
        <source>Start with %1: rank %2 was not measurably better, %3 against %4 over the last %5 steps, and trains %6 times the parameters.</source>
        <translation>
            <numerusform>Start with %1: rank %2 was not measurably better, %3 against %4 over the last %5 step, and trains %6 times the parameters.</numerusform>
            <numerusform>Start with %1: rank %2 was not measurably better, %3 against %4 over the last %5 steps, and trains %6 times the parameters.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Start with %1, the smallest that was tried: its loss was the lowest, %2 over the last %3 steps.</source>
        <translation>
            <numerusform>Start with %1, the smallest that was tried: its loss was the lowest, %2 over the last %3 step.</numerusform>
            <numerusform>Start with %1, the smallest that was tried: its loss was the lowest, %2 over the last %3 steps.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Start with %1: its loss was the lowest, %2 over the last %3 steps, and every smaller rank was measurably behind.</source>
        <translation>
            <numerusform>Start with %1: its loss was the lowest, %2 over the last %3 step, and every smaller rank was measurably behind.</numerusform>
            <numerusform>Start with %1: its loss was the lowest, %2 over the last %3 steps, and every smaller rank was measurably behind.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 rows left out: the prompt alone fills the maximum length of %3 tokens</source>
        <translation>
            <numerusform>%1 of %2 row left out: the prompt alone fills the maximum length of %3 tokens</numerusform>
            <numerusform>%1 of %2 rows left out: the prompt alone fills the maximum length of %3 tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 rows cut at the maximum length of %3 tokens</source>
        <translation>
            <numerusform>%1 of %2 row cut at the maximum length of %3 tokens</numerusform>
            <numerusform>%1 of %2 rows cut at the maximum length of %3 tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 rows left out: marked as not to be learned (weight 0 or train false)</source>
        <translation>
            <numerusform>%1 of %2 row left out: marked as not to be learned (weight 0 or train false)</numerusform>
            <numerusform>%1 of %2 rows left out: marked as not to be learned (weight 0 or train false)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 figures were told again for the same step: the first ones count</source>
        <translation>
            <numerusform>%1 figure was told again for the same step: the first one counts</numerusform>
            <numerusform>%1 figures were told again for the same step: the first ones count</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 sessions follow the first one</source>
        <translation>
            <numerusform>%1 session follows the first one</numerusform>
            <numerusform>%1 sessions follow the first one</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 lines, records or names are none and were left out</source>
        <translation>
            <numerusform>%1 line, record or name is none and was left out</numerusform>
            <numerusform>%1 lines, records or names are none and were left out</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>the ends of %1 files are cut off</source>
        <translation>
            <numerusform>the end of %1 file is cut off</numerusform>
            <numerusform>the ends of %1 files are cut off</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 runs were ended early by the rule that was asked for: they have no score, and their rates are nobody&apos;s best.</source>
        <translation>
            <numerusform>%1 of %2 runs was ended early by the rule that was asked for: it has no score, and its rate is nobody&apos;s best.</numerusform>
            <numerusform>%1 of %2 runs were ended early by the rule that was asked for: they have no score, and their rates are nobody&apos;s best.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 runs failed and have no score.</source>
        <translation>
            <numerusform>%1 of %2 runs failed and has no score.</numerusform>
            <numerusform>%1 of %2 runs failed and have no score.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 runs were skipped and have no score.</source>
        <translation>
            <numerusform>%1 of %2 runs was skipped and has no score.</numerusform>
            <numerusform>%1 of %2 runs were skipped and have no score.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 runs are still to come.</source>
        <translation>
            <numerusform>%1 of %2 runs is still to come.</numerusform>
            <numerusform>%1 of %2 runs are still to come.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 runs are still at work.</source>
        <translation>
            <numerusform>%1 of %2 runs is still at work.</numerusform>
            <numerusform>%1 of %2 runs are still at work.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>of %1 pairs of answers the preferred one is learned, the other is not used</source>
        <translation>
            <numerusform>of %1 pair of answers the preferred one is learned, the other is not used</numerusform>
            <numerusform>of %1 pairs of answers the preferred one is learned, the other is not used</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>of %1 lists of answers the first is learned, the others are not used</source>
        <translation>
            <numerusform>of %1 list of answers the first is learned, the others are not used</numerusform>
            <numerusform>of %1 lists of answers the first is learned, the others are not used</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 rows hold a placeholder such as {{name}} in their answer, which is learned as it stands</source>
        <translation>
            <numerusform>%1 row holds a placeholder such as {{name}} in its answer, which is learned as it stands</numerusform>
            <numerusform>%1 rows hold a placeholder such as {{name}} in their answer, which is learned as it stands</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 rows left out that cannot be read; the first: %2</source>
        <translation>
            <numerusform>%1 row left out that cannot be read: %2</numerusform>
            <numerusform>%1 rows left out that cannot be read; the first: %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 messages of a tree were read as %2 conversations; an answer that several share is learned once</source>
        <translation>
            <numerusform>%1 message of a tree was read as %2 conversations; an answer that several share is learned once</numerusform>
            <numerusform>%1 messages of a tree were read as %2 conversations; an answer that several share is learned once</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 files</source>
        <translation>
            <numerusform>%1 file</numerusform>
            <numerusform>%1 files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 answers before the last one of their conversation are not learned: only the template chat, the model&apos;s own, learns every answer</source>
        <translation>
            <numerusform>%1 answer before the last one of its conversation is not learned: only the template chat, the model&apos;s own, learns every answer</numerusform>
            <numerusform>%1 answers before the last one of their conversation are not learned: only the template chat, the model&apos;s own, learns every answer</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 conversations end with messages that no answer follows: those are left out</source>
        <translation>
            <numerusform>%1 conversation ends with messages that no answer follows: those are left out</numerusform>
            <numerusform>%1 conversations end with messages that no answer follows: those are left out</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 rows mark a message of the question as to be learned: it is not, answers alone are</source>
        <translation>
            <numerusform>%1 row marks a message of the question as to be learned: it is not, answers alone are</numerusform>
            <numerusform>%1 rows mark a message of the question as to be learned: it is not, answers alone are</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 messages of the tree lead to no answer and are left out</source>
        <translation>
            <numerusform>%1 message of the tree leads to no answer and is left out</numerusform>
            <numerusform>%1 messages of the tree lead to no answer and are left out</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 messages of the tree are marked as deleted and are left out</source>
        <translation>
            <numerusform>%1 message of the tree is marked as deleted and is left out</numerusform>
            <numerusform>%1 messages of the tree are marked as deleted and are left out</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 more fields are not used</source>
        <translation>
            <numerusform>%1 more field is not used</numerusform>
            <numerusform>%1 more fields are not used</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>the field %1 of %2 rows is not used</source>
        <translation>
            <numerusform>the field %1 of %2 row is not used</numerusform>
            <numerusform>the field %1 of %2 rows is not used</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::AgreementCard</name>
    <message numerus="yes">
        <source>Too few to tell: the two differ on %1 questions.</source>
        <translation>
            <numerusform>Too few to tell: the two differ on %1 question.</numerusform>
            <numerusform>Too few to tell: the two differ on %1 questions.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 With Holm&apos;s correction over %2 pairs %3.</source>
        <translation>
            <numerusform>%1 With Holm&apos;s correction over %2 pair %3.</numerusform>
            <numerusform>%1 With Holm&apos;s correction over %2 pairs %3.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::AnswerCard</name>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 token</numerusform>
            <numerusform>%1 tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::BlockImage</name>
    <message numerus="yes">
        <source>%1 blocks, RMS errors up to %2, that of block %3</source>
        <translation>
            <numerusform>%1 block, RMS error %2, that of block %3</numerusform>
            <numerusform>%1 blocks, RMS errors up to %2, that of block %3</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ChatPage</name>
    <message numerus="yes">
        <source>Ask all %n models</source>
        <translation>
            <numerusform>Ask the one model</numerusform>
            <numerusform>Ask all %n models</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 tokens used</source>
        <translation>
            <numerusform>%1 of %2 token used</numerusform>
            <numerusform>%1 of %2 tokens used</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ChecksCard</name>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 token</numerusform>
            <numerusform>%1 tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ChosenModelCard</name>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 token</numerusform>
            <numerusform>%1 tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>at most %1 tokens a row</source>
        <translation>
            <numerusform>at most %1 token a row</numerusform>
            <numerusform>at most %1 tokens a row</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ColumnCard</name>
    <message numerus="yes">
        <source>Stopped after %1 tokens</source>
        <translation>
            <numerusform>Stopped after %1 token</numerusform>
            <numerusform>Stopped after %1 tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 token</numerusform>
            <numerusform>%1 tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ColumnList</name>
    <message numerus="yes">
        <source>%n more columns are not shown</source>
        <translation>
            <numerusform>%n more column is not shown</numerusform>
            <numerusform>%n more columns are not shown</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ComparePage</name>
    <message numerus="yes">
        <source>%1 settings and figures</source>
        <translation>
            <numerusform>%1 setting or figure</numerusform>
            <numerusform>%1 settings and figures</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 drawn</source>
        <translation>
            <numerusform>%1 of %2 drawn</numerusform>
            <numerusform>%1 of %2 drawn</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ConversationsDialog</name>
    <message numerus="yes">
        <source>%1 turns with %2, %3</source>
        <translation>
            <numerusform>%1 turn with %2, %3</numerusform>
            <numerusform>%1 turns with %2, %3</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::DataPage</name>
    <message numerus="yes">
        <source>%1 bad rows saved</source>
        <translation>
            <numerusform>%1 bad row saved</numerusform>
            <numerusform>%1 bad rows saved</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::DraftCard</name>
    <message numerus="yes">
        <source>%1 single runs of the file beside the grid</source>
        <translation>
            <numerusform>%1 single run of the file beside the grid</numerusform>
            <numerusform>%1 single runs of the file beside the grid</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Start %1 runs</source>
        <translation>
            <numerusform>Start %1 run</numerusform>
            <numerusform>Start %1 runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::FieldWords</name>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 token</numerusform>
            <numerusform>%1 tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 steps</source>
        <translation>
            <numerusform>%1 step</numerusform>
            <numerusform>%1 steps</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>every %1 steps</source>
        <translation>
            <numerusform>every %1 step</numerusform>
            <numerusform>every %1 steps</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 evaluations</source>
        <translation>
            <numerusform>%1 evaluation</numerusform>
            <numerusform>%1 evaluations</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::FirstScreen</name>
    <message numerus="yes">
        <source>Trains PiSSA and LoRA, %1 steps each</source>
        <translation>
            <numerusform>Trains PiSSA and LoRA, %1 step each</numerusform>
            <numerusform>Trains PiSSA and LoRA, %1 steps each</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::FormWords</name>
    <message numerus="yes">
        <source>%1 steps</source>
        <translation>
            <numerusform>%1 step</numerusform>
            <numerusform>%1 steps</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Train with %n twins</source>
        <translation>
            <numerusform>Train with %n twin</numerusform>
            <numerusform>Train with %n twins</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 rows</source>
        <translation>
            <numerusform>%1 row</numerusform>
            <numerusform>%1 rows</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens a row</source>
        <translation>
            <numerusform>%1 token a row</numerusform>
            <numerusform>%1 tokens a row</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 matrices</source>
        <translation>
            <numerusform>%1 matrix</numerusform>
            <numerusform>%1 matrices</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 parameters</source>
        <translation>
            <numerusform>%1 parameter</numerusform>
            <numerusform>%1 parameters</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>rank map of %1 matrices, ranks %2 to %3</source>
        <translation>
            <numerusform>rank map of %1 matrix, ranks %2 to %3</numerusform>
            <numerusform>rank map of %1 matrices, ranks %2 to %3</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 epochs</source>
        <translation>
            <numerusform>%1 epoch</numerusform>
            <numerusform>%1 epochs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 token</numerusform>
            <numerusform>%1 tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::JudgeCard</name>
    <message numerus="yes">
        <source>%1 of %2 judged</source>
        <translation>
            <numerusform>%1 of %2 judged</numerusform>
            <numerusform>%1 of %2 judged</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 Too few to tell: %2 votes are no ties.</source>
        <translation>
            <numerusform>%1 Too few to tell: %2 vote is no tie.</numerusform>
            <numerusform>%1 Too few to tell: %2 votes are no ties.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::LengthPlot</name>
    <message numerus="yes">
        <source>%1 tokens and more</source>
        <translation>
            <numerusform>%1 token and more</numerusform>
            <numerusform>%1 tokens and more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 rows, cut at %2 tokens</source>
        <translation>
            <numerusform>%1 row, cut at %2 tokens</numerusform>
            <numerusform>%1 rows, cut at %2 tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 to %2 tokens</source>
        <translation>
            <numerusform>%1 to %2 token</numerusform>
            <numerusform>%1 to %2 tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::MeterDialog</name>
    <message numerus="yes">
        <source>the %n selected matrices</source>
        <translation>
            <numerusform>the selected matrix</numerusform>
            <numerusform>the %n selected matrices</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ModelPage</name>
    <message numerus="yes">
        <source>%1 layers</source>
        <translation>
            <numerusform>%1 layer</numerusform>
            <numerusform>%1 layers</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>spectra of %1 of %2 matrices</source>
        <translation>
            <numerusform>spectra of %1 of %2 matrix</numerusform>
            <numerusform>spectra of %1 of %2 matrices</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ModelWords</name>
    <message numerus="yes">
        <source>%1 layers</source>
        <translation>
            <numerusform>%1 layer</numerusform>
            <numerusform>%1 layers</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 parameters</source>
        <translation>
            <numerusform>%1 parameter</numerusform>
            <numerusform>%1 parameters</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>CPU · %n threads</source>
        <translation>
            <numerusform>CPU · %n thread</numerusform>
            <numerusform>CPU · %n threads</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ModelsModel</name>
    <message numerus="yes">
        <source>%1 models</source>
        <translation>
            <numerusform>%1 model</numerusform>
            <numerusform>%1 models</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ModelsView</name>
    <message numerus="yes">
        <source>%1 of %2 models</source>
        <translation>
            <numerusform>%1 of %2 model</numerusform>
            <numerusform>%1 of %2 models</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>in %1 places</source>
        <translation>
            <numerusform>in %1 place</numerusform>
            <numerusform>in %1 places</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 entries were passed over: hover for the reasons</source>
        <translation>
            <numerusform>%1 entry was passed over: hover for the reason</numerusform>
            <numerusform>%1 entries were passed over: hover for the reasons</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ModuleTreeModel</name>
    <message numerus="yes">
        <source>%n weights</source>
        <translation>
            <numerusform>%n weight</numerusform>
            <numerusform>%n weights</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>σ₁ = %1, σ of the last = %2, %3 values</source>
        <translation>
            <numerusform>σ₁ = %1, σ of the last = %2, %3 value</numerusform>
            <numerusform>σ₁ = %1, σ of the last = %2, %3 values</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::OverlayCard</name>
    <message numerus="yes">
        <source>%1 of %2 runs do not tell it</source>
        <translation>
            <numerusform>%1 of %2 run does not tell it</numerusform>
            <numerusform>%1 of %2 runs do not tell it</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::PairCard</name>
    <message numerus="yes">
        <source>%1: %2 against %3 of %4 questions.</source>
        <translation>
            <numerusform>%1: %2 against %3 of %4 question.</numerusform>
            <numerusform>%1: %2 against %3 of %4 questions.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::PairFiguresModel</name>
    <message numerus="yes">
        <source>Other ranks in %1 matrices</source>
        <translation>
            <numerusform>Another rank in %1 matrix</numerusform>
            <numerusform>Other ranks in %1 matrices</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1, %2 questions</source>
        <translation>
            <numerusform>%1, %2 question</numerusform>
            <numerusform>%1, %2 questions</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::PictureWords</name>
    <message numerus="yes">
        <source>%1, %2: %3 at a learning rate of %4, mean and standard error of %n seeds</source>
        <translation>
            <numerusform>%1, %2: %3 at a learning rate of %4, one seed</numerusform>
            <numerusform>%1, %2: %3 at a learning rate of %4, mean and standard error of %n seeds</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::QuantErrorMeter</name>
    <message numerus="yes">
        <source>Select at most %n matrices</source>
        <translation>
            <numerusform>Select at most %n matrix</numerusform>
            <numerusform>Select at most %n matrices</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Takes minutes with more than %1 rows and columns: measure it on the Quantize page</source>
        <translation>
            <numerusform>Takes minutes with more than %1 row and column: measure it on the Quantize page</numerusform>
            <numerusform>Takes minutes with more than %1 rows and columns: measure it on the Quantize page</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::QuestionsDialog</name>
    <message numerus="yes">
        <source>%1 questions</source>
        <translation>
            <numerusform>%1 question</numerusform>
            <numerusform>%1 questions</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::QuestionsModel</name>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 token</numerusform>
            <numerusform>%1 tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::QueueCard</name>
    <message numerus="yes">
        <source>%1 of %2 runs ended</source>
        <translation>
            <numerusform>%1 of %2 run ended</numerusform>
            <numerusform>%1 of %2 runs ended</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RankMapDialog</name>
    <message numerus="yes">
        <source>Ranks %1 · %2 parameters · %3 in float32</source>
        <translation>
            <numerusform>Ranks %1 · %2 parameter · %3 in float32</numerusform>
            <numerusform>Ranks %1 · %2 parameters · %3 in float32</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 matrices got less than %3: they have no more singular values.</source>
        <translation>
            <numerusform>%1 of %2 matrix got less than %3: it has no more singular values.</numerusform>
            <numerusform>%1 of %2 matrices got less than %3: they have no more singular values.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ReductionCard</name>
    <message numerus="yes">
        <source>of QLoRA&apos;s error, percent · %1 of %2 matrices</source>
        <translation>
            <numerusform>of QLoRA&apos;s error, percent · %1 of %2 matrix</numerusform>
            <numerusform>of QLoRA&apos;s error, percent · %1 of %2 matrices</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 leaves less on %2 of %3 matrices</source>
        <translation>
            <numerusform>%1 leaves less on %2 of %3 matrix</numerusform>
            <numerusform>%1 leaves less on %2 of %3 matrices</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RowCard</name>
    <message numerus="yes">
        <source>line %1 · %2 tokens</source>
        <translation>
            <numerusform>line %1 · %2 token</numerusform>
            <numerusform>line %1 · %2 tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens count for the loss · %2 are read only</source>
        <translation>
            <numerusform>%1 token counts for the loss · %2 are read only</numerusform>
            <numerusform>%1 tokens count for the loss · %2 are read only</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 · %2 are cut</source>
        <translation>
            <numerusform>%1 · %2 is cut</numerusform>
            <numerusform>%1 · %2 are cut</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RunsModel</name>
    <message numerus="yes">
        <source>Mean loss of the last %n steps, nats</source>
        <translation>
            <numerusform>Loss of the last step, nats</numerusform>
            <numerusform>Mean loss of the last %n steps, nats</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 runs</source>
        <translation>
            <numerusform>%1 run</numerusform>
            <numerusform>%1 runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RunsPage</name>
    <message numerus="yes">
        <source>%1 of %2 settings</source>
        <translation>
            <numerusform>%1 of %2 setting</numerusform>
            <numerusform>%1 of %2 settings</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 runs · %2 drawn</source>
        <translation>
            <numerusform>%1 run · %2 drawn</numerusform>
            <numerusform>%1 runs · %2 drawn</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Listed %n runs again</source>
        <translation>
            <numerusform>Listed %n run again</numerusform>
            <numerusform>Listed %n runs again</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Archived %n runs</source>
        <translation>
            <numerusform>Archived %n run</numerusform>
            <numerusform>Archived %n runs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Moved %n runs to the trash</source>
        <translation>
            <numerusform>Moved %n run to the trash</numerusform>
            <numerusform>Moved %n runs to the trash</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SampleCard</name>
    <message numerus="yes">
        <source>%1 tokens · %2 count for the loss</source>
        <translation>
            <numerusform>%1 token · %2 count for the loss</numerusform>
            <numerusform>%1 tokens · %2 count for the loss</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens, judged as a whole</source>
        <translation>
            <numerusform>%1 token, judged as a whole</numerusform>
            <numerusform>%1 tokens, judged as a whole</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ScoreCard</name>
    <message numerus="yes">
        <source>%1 questions</source>
        <translation>
            <numerusform>%1 question</numerusform>
            <numerusform>%1 questions</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 questions</source>
        <translation>
            <numerusform>%1 of %2 question</numerusform>
            <numerusform>%1 of %2 questions</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>of %1 answers</source>
        <translation>
            <numerusform>of %1 answer</numerusform>
            <numerusform>of %1 answers</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SettingsCard</name>
    <message numerus="yes">
        <source>%1 of %2 matrices</source>
        <translation>
            <numerusform>%1 of %2 matrix</numerusform>
            <numerusform>%1 of %2 matrices</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 matrices at r = %2, T = %3 in %4</source>
        <translation>
            <numerusform>%1 matrix at r = %2, T = %3 in %4</numerusform>
            <numerusform>%1 matrices at r = %2, T = %3 in %4</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Measure quantizes %1 matrices, for the table and the map</source>
        <translation>
            <numerusform>Measure quantizes %1 matrix, for the table and the map</numerusform>
            <numerusform>Measure quantizes %1 matrices, for the table and the map</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Measure quantizes %1 matrices, in about %2 here</source>
        <translation>
            <numerusform>Measure quantizes %1 matrix, in about %2 here</numerusform>
            <numerusform>Measure quantizes %1 matrices, in about %2 here</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SourceCard</name>
    <message numerus="yes">
        <source>%1 · %2 rows</source>
        <translation>
            <numerusform>%1 · %2 row</numerusform>
            <numerusform>%1 · %2 rows</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 · the first %2 rows are read</source>
        <translation>
            <numerusform>%1 · the first %2 row is read</numerusform>
            <numerusform>%1 · the first %2 rows are read</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 rows are cut (%2)</source>
        <translation>
            <numerusform>%1 row is cut (%2)</numerusform>
            <numerusform>%1 rows are cut (%2)</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 token</numerusform>
            <numerusform>%1 tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Batches in an epoch, %1 rows each: %2</source>
        <translation>
            <numerusform>Batches in an epoch, %1 row each: %2</numerusform>
            <numerusform>Batches in an epoch, %1 rows each: %2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SpectrumFacts</name>
    <message numerus="yes">
        <source>%1 · %n layers</source>
        <translation>
            <numerusform>%1 · %n layer</numerusform>
            <numerusform>%1 · %n layers</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n matrices</source>
        <translation>
            <numerusform>%n matrix</numerusform>
            <numerusform>%n matrices</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::StatusStrip</name>
    <message numerus="yes">
        <source>Sweep: %1 of %2 runs</source>
        <translation>
            <numerusform>Sweep: %1 of %2 run</numerusform>
            <numerusform>Sweep: %1 of %2 runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SummaryCard</name>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 token</numerusform>
            <numerusform>%1 tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::TokenizerCard</name>
    <message numerus="yes">
        <source>%1 tokens in the first %2 of %3 characters</source>
        <translation>
            <numerusform>%1 token in the first %2 of %3 characters</numerusform>
            <numerusform>%1 tokens in the first %2 of %3 characters</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 token</numerusform>
            <numerusform>%1 tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::TrainForm</name>
    <message numerus="yes">
        <source>⚠ %n notes on the data</source>
        <translation>
            <numerusform>⚠ %n note on the data</numerusform>
            <numerusform>⚠ %n notes on the data</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 entries of the rank map name no module that trains</source>
        <translation>
            <numerusform>%1 entry of the rank map names no module that trains</numerusform>
            <numerusform>%1 entries of the rank map name no module that trains</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 rows a step</source>
        <translation>
            <numerusform>%1 row a step</numerusform>
            <numerusform>%1 rows a step</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>more than the %1 rows of the data</source>
        <translation>
            <numerusform>more than the %1 row of the data</numerusform>
            <numerusform>more than the %1 rows of the data</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>the model was made for %1 tokens</source>
        <translation>
            <numerusform>the model was made for %1 token</numerusform>
            <numerusform>the model was made for %1 tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::TwinsModel</name>
    <message numerus="yes">
        <source>Mean loss of the last %n steps, nats</source>
        <translation>
            <numerusform>Loss of the last step, nats</numerusform>
            <numerusform>Mean loss of the last %n steps, nats</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 minus %2, over the same %n steps; below 0 the first is ahead</source>
        <translation>
            <numerusform>%1 minus %2, over the same step; below 0 the first is ahead</numerusform>
            <numerusform>%1 minus %2, over the same %n steps; below 0 the first is ahead</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::VerdictCard</name>
    <message numerus="yes">
        <source>%1
… and %n more, on hover</source>
        <translation>
            <numerusform>%1
… and %n more, on hover</numerusform>
            <numerusform>%1
… and %n more, on hover</numerusform>
        </translation>
    </message>
</context>
</TS>
