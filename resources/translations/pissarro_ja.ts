<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ja_JP" sourcelanguage="en_US">
<context>
    <name>pissarro::core</name>
    <message numerus="yes">
        <source>Start with %1: rank %2 was not measurably better, %3 against %4 over the last %5 steps, and trains %6 times the parameters.</source>
        <translation>
            <numerusform>%1 から始めてください: ランク %2 との差は測定できず(最後の %5 ステップで %3 対 %4)、学習するパラメーターは %6 倍になります。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Start with %1, the smallest that was tried: its loss was the lowest, %2 over the last %3 steps.</source>
        <translation>
            <numerusform>%1 から始めてください。試した中で最小のランクで、損失も最も低く、最後の %3 ステップで %2 でした。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Start with %1: its loss was the lowest, %2 over the last %3 steps, and every smaller rank was measurably behind.</source>
        <translation>
            <numerusform>%1 から始めてください。損失が最も低く(最後の %3 ステップで %2)、それより小さいランクはどれも測定できる差で劣りました。</numerusform>
        </translation>
    </message>
    <message>
        <source>No rank is proposed: fewer than two were trained.</source>
        <translation>ランクの提案はありません。学習したランクが 2 つ未満です。</translation>
    </message>
    <message>
        <source>No rate is proposed: the smoothed loss fell nowhere below 99 % of its start (%1, at the start %2); try more steps or higher rates.</source>
        <translation>学習率の提案はありません。平滑化した損失が開始時の 99 % を下回りませんでした(最小 %1、開始時 %2)。ステップ数を増やすか、より高い学習率を試してください。</translation>
    </message>
    <message>
        <source>%1 is proposed: the smoothed loss fell from %2 to %3 at the rate %4 and ran away after it; a third of that rate, rounded.</source>
        <translation>%1 を提案します。平滑化した損失は学習率 %4 で %2 から %3 まで下がり、その後発散しました。その学習率の 3 分の 1 を丸めた値です。</translation>
    </message>
    <message>
        <source>%1 is proposed: the smoothed loss fell from %2 to %3 at the rate %4; a third of that rate, rounded.</source>
        <translation>%1 を提案します。平滑化した損失は学習率 %4 で %2 から %3 まで下がりました。その学習率の 3 分の 1 を丸めた値です。</translation>
    </message>
    <message>
        <source>Quantizing</source>
        <translation>量子化中</translation>
    </message>
    <message>
        <source>Singular values</source>
        <translation>特異値</translation>
    </message>
    <message>
        <source>Measuring the fast SVD</source>
        <translation>高速 SVD を測定中</translation>
    </message>
    <message>
        <source>Comparing weights</source>
        <translation>重みを比較中</translation>
    </message>
    <message>
        <source>Comparing with the start</source>
        <translation>開始時点と比較中</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 rows left out: the prompt alone fills the maximum length of %3 tokens</source>
        <translation>
            <numerusform>%2 行のうち %1 行を除外: プロンプトだけで最大長の %3 トークンに達します</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 rows cut at the maximum length of %3 tokens</source>
        <translation>
            <numerusform>%2 行のうち %1 行を最大長の %3 トークンで切り詰めました</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 rows left out: marked as not to be learned (weight 0 or train false)</source>
        <translation>
            <numerusform>%2 行のうち %1 行を除外: 学習しない指定(weight 0 または train false)があります</numerusform>
        </translation>
    </message>
    <message>
        <source>tokenizing</source>
        <translation>トークン化中</translation>
    </message>
    <message>
        <source>Loading weights</source>
        <translation>重みを読み込み中</translation>
    </message>
    <message>
        <source>Decomposing</source>
        <translation>分解中</translation>
    </message>
    <message>
        <source>Reading the weights&apos; fingerprints</source>
        <translation>重みの指紋を読み取り中</translation>
    </message>
    <message>
        <source>Opening model and data</source>
        <translation>モデルとデータを開いています</translation>
    </message>
    <message>
        <source>Writing the model</source>
        <translation>モデルを書き込み中</translation>
    </message>
    <message>
        <source>%1 is damaged at byte %2, and what follows there was not read</source>
        <translation>%1 は %2 バイト目で壊れているため、その先は読み込まれませんでした</translation>
    </message>
    <message>
        <source>Not read: %1</source>
        <translation>読み込めませんでした: %1</translation>
    </message>
    <message numerus="yes">
        <source>%1 figures were told again for the same step: the first ones count</source>
        <translation>
            <numerusform>同じステップで重複した値が %1 個あります。最初の値を使います</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 sessions follow the first one</source>
        <translation>
            <numerusform>最初のセッションの後に %1 回再開されています</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 lines, records or names are none and were left out</source>
        <translation>
            <numerusform>読み取れない行・レコード・名前が %1 個あり、除外されました</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>the ends of %1 files are cut off</source>
        <translation>
            <numerusform>%1 個のファイルの末尾が途切れています</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 is ahead of %2, each at its best learning rate.</source>
        <translation>それぞれ最良の学習率では、%1 が %2 を上回ります。</translation>
    </message>
    <message>
        <source>The runs suggest, and do not show, that %1 is ahead of %2, each at its best learning rate.</source>
        <translation>それぞれ最良の学習率で %1 が %2 を上回ることを、これらの実行は示唆しますが、示してはいません。</translation>
    </message>
    <message>
        <source>Which is ahead depends on the learning rate: %1 at %2, %3 at %4.</source>
        <translation>どちらが上回るかは学習率によります: %2 では %1、%4 では %3。</translation>
    </message>
    <message>
        <source>The runs suggest, and do not show, that it depends on the learning rate which is ahead: %1 at %2, %3 at %4.</source>
        <translation>どちらが上回るかが学習率によることを、これらの実行は示唆しますが、示してはいません: %2 では %1、%4 では %3。</translation>
    </message>
    <message>
        <source>No difference between %1 and %2 can be told, each at its best learning rate; that does not make them equal.</source>
        <translation>それぞれ最良の学習率では、%1 と %2 の差は分かりません。等しいという意味ではありません。</translation>
    </message>
    <message>
        <source>%1 and %2 cannot be compared: one of them has no run with a score.</source>
        <translation>%1 と %2 は比べられません。一方にスコアのある実行がありません。</translation>
    </message>
    <message>
        <source>The runs of a method repeat each other; that is no evidence.</source>
        <translation>同じ手法の実行が互いの繰り返しです。証拠にはなりません。</translation>
    </message>
    <message>
        <source>Fewer than five seeds of each suggest and never show.</source>
        <translation>それぞれ五つ未満のシードでは、示唆にとどまり、示すことはできません。</translation>
    </message>
    <message>
        <source>The rates were chosen by the very rows that are told of, so the best look better than they are.</source>
        <translation>学習率は報告と同じ行で選ばれたため、最良のものは実際より良く見えます。</translation>
    </message>
    <message>
        <source>At the same rate of %1 %2 is ahead.</source>
        <translation>同じ学習率 %1 では %2 が上回ります。</translation>
    </message>
    <message>
        <source>At the same rate of %1 the runs suggest that %2 is ahead.</source>
        <translation>同じ学習率 %1 で %2 が上回ることを、これらの実行は示唆します。</translation>
    </message>
    <message>
        <source>Solved by %1 alone: %2, by %3 alone: %4 (questions: %5); p %6 by McNemar&apos;s exact test and Holm&apos;s correction (claims shown: %7), about the two runs of seed %8.</source>
        <translation>%1 だけが正解: %2、%3 だけが正解: %4 (問題数: %5)。マクネマーの正確検定とホルムの補正 (示した主張: %7) で p %6、シード %8 の二つの実行について。</translation>
    </message>
    <message>
        <source>Opening models</source>
        <translation>モデルを開いています</translation>
    </message>
    <message>
        <source>Answering</source>
        <translation>回答しています</translation>
    </message>
    <message>
        <source>%1 is %2 in %3 and %4 in %5: the runs have other models, so only their curves and figures can be compared.</source>
        <translation>%1 は %3 では %2、%5 では %4 です。モデルが異なるため、比べられるのは曲線と数値だけです。</translation>
    </message>
    <message>
        <source>%1 and %2 began with other weights (%3 and %4): each is told relative to its own, the differences are of two models.</source>
        <translation>%1 と %2 は異なる重みから始まっています(%3 と %4)。それぞれ自分のモデルを基準に示し、差は二つのモデルの間のものです。</translation>
    </message>
    <message>
        <source>Which is ahead depends on the learning rate: %1 at %2 (%3 against %4), %5 at %6 (%7 against %8), by the %9.</source>
        <translation>どちらが優れるかは学習率によります: %2 では %1(%3 対 %4)、%6 では %5(%7 対 %8)、指標は %9。</translation>
    </message>
    <message>
        <source>In earlier runs the order depends on the learning rate: %1 ahead at %2 (%3 against %4), %5 at %6 (%7 against %8), by the %9; too few seeds to claim it.</source>
        <translation>これまでの実行では順序が学習率によって変わります: %2 では %1 が上(%3 対 %4)、%6 では %5(%7 対 %8)、指標は %9。主張するにはシードが足りません。</translation>
    </message>
    <message>
        <source>%1 against %2 at rate %3; no test can be made: that needs two runs of each with a score, and that they differ.</source>
        <translation>%1 と %2 (学習率 %3)。検定はできません: スコアのある実行がそれぞれ二つ要り、値が異なっていなければなりません。</translation>
    </message>
    <message>
        <source>%1 against %2 at rate %3, a difference of %4, between %5 and %6 at 95 %; p %7 by Holm&apos;s correction (claims shown: %8; seeds: %9).</source>
        <translation>%1 と %2 (学習率 %3)、差は %4、95 % で %5 から %6 の間。ホルムの補正で p %7 (示した主張: %8、シード: %9)。</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>パープレキシティ</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 runs were ended early by the rule that was asked for: they have no score, and their rates are nobody&apos;s best.</source>
        <translation>
            <numerusform>%2 件中 %1 件は、指定の規則により早期に終了しました。スコアはなく、その学習率は最良の候補になりません。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 runs failed and have no score.</source>
        <translation>
            <numerusform>%2 件中 %1 件は失敗し、スコアがありません。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 runs were skipped and have no score.</source>
        <translation>
            <numerusform>%2 件中 %1 件は飛ばされ、スコアがありません。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 runs are still to come.</source>
        <translation>
            <numerusform>%2 件中 %1 件がまだ始まっていません。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 runs are still at work.</source>
        <translation>
            <numerusform>%2 件中 %1 件が実行中です。</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing is held out (eval_ratio 0): scores are losses of the training rows, and rates are chosen by the very losses that are reported.</source>
        <translation>検証用の行がありません (eval_ratio 0)。スコアは学習に使った行の損失で、学習率は報告する損失そのもので選ばれています。</translation>
    </message>
    <message>
        <source>Too few rows are held out for two halves: rates are chosen by the very losses that are reported.</source>
        <translation>検証用の行が少なく、二つに分けられません。学習率は報告する損失そのもので選ばれています。</translation>
    </message>
    <message>
        <source>Rates and steps are chosen on one half of the held-out rows, and the other half is reported.</source>
        <translation>学習率とステップは検証用の行の半分で選び、残りの半分の結果を報告します。</translation>
    </message>
    <message>
        <source>Rates are chosen on one half of the questions of %1, and the other half is reported.</source>
        <translation>学習率は %1 の問題の半分で選び、残りの半分の結果を報告します。</translation>
    </message>
    <message>
        <source>Multiple choice</source>
        <translation>多肢選択</translation>
    </message>
    <message>
        <source>Own task</source>
        <translation>独自タスク</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名前</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>タグ</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>メモ</translation>
    </message>
    <message>
        <source>Pinned</source>
        <translation>ピン留め</translation>
    </message>
    <message>
        <source>Archived</source>
        <translation>アーカイブ済み</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>フォルダー</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状態</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>開始</translation>
    </message>
    <message>
        <source>Computed on</source>
        <translation>計算したデバイス</translation>
    </message>
    <message>
        <source>Steps done</source>
        <translation>終えたステップ</translation>
    </message>
    <message>
        <source>Steps planned</source>
        <translation>予定のステップ</translation>
    </message>
    <message>
        <source>Last loss</source>
        <translation>最後の損失</translation>
    </message>
    <message>
        <source>Mean loss of the last steps</source>
        <translation>最後の数ステップの平均損失</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>トークン/秒</translation>
    </message>
    <message>
        <source>Best held-out loss</source>
        <translation>最良の検証損失</translation>
    </message>
    <message>
        <source>Best score</source>
        <translation>最良のスコア</translation>
    </message>
    <message>
        <source>Best step</source>
        <translation>最良のステップ</translation>
    </message>
    <message>
        <source>Trained parameters</source>
        <translation>学習パラメーター数</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>パラメーター数</translation>
    </message>
    <message>
        <source>Preparing (s)</source>
        <translation>準備 (秒)</translation>
    </message>
    <message>
        <source>looking for repeated rows</source>
        <translation>重複する行を探しています</translation>
    </message>
    <message>
        <source>looking for bad rows</source>
        <translation>読み取れない行を探しています</translation>
    </message>
    <message numerus="yes">
        <source>of %1 pairs of answers the preferred one is learned, the other is not used</source>
        <translation>
            <numerusform>回答の組 %1 件では、好ましいほうの回答を学習し、もう一方は使いません</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>of %1 lists of answers the first is learned, the others are not used</source>
        <translation>
            <numerusform>回答のリスト %1 件では、先頭の回答を学習し、残りは使いません</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 rows hold a placeholder such as {{name}} in their answer, which is learned as it stands</source>
        <translation>
            <numerusform>%1 行の回答に {{name}} のような未置換の項目があり、そのまま学習します</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 rows left out that cannot be read; the first: %2</source>
        <translation>
            <numerusform>読み取れない %1 行を除外しました。最初の行: %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 messages of a tree were read as %2 conversations; an answer that several share is learned once</source>
        <translation>
            <numerusform>ツリーの %1 件のメッセージを %2 件の会話として読みました。複数の会話に共通の回答は一度だけ学習します</numerusform>
        </translation>
    </message>
    <message>
        <source>the first line holds no names of columns: they are called 1, 2, 3 …</source>
        <translation>最初の行に列名がありません。列の名前は 1、2、3 … とします</translation>
    </message>
    <message>
        <source>reading the test set</source>
        <translation>テストセットを読み込み中</translation>
    </message>
    <message>
        <source>checking the texts</source>
        <translation>テキストを確認中</translation>
    </message>
    <message>
        <source>unpacking</source>
        <translation>展開中</translation>
    </message>
    <message>
        <source>JSON lines</source>
        <translation>JSON(1 行 1 件)</translation>
    </message>
    <message>
        <source>JSON lines, gzip</source>
        <translation>JSON(1 行 1 件)、gzip</translation>
    </message>
    <message>
        <source>JSON lines, zstd</source>
        <translation>JSON(1 行 1 件)、zstd</translation>
    </message>
    <message>
        <source>a tree of messages</source>
        <translation>メッセージのツリー</translation>
    </message>
    <message>
        <source>a tree of messages, gzip</source>
        <translation>メッセージのツリー、gzip</translation>
    </message>
    <message>
        <source>a tree of messages, zstd</source>
        <translation>メッセージのツリー、zstd</translation>
    </message>
    <message>
        <source>text</source>
        <translation>テキスト</translation>
    </message>
    <message>
        <source>text, gzip</source>
        <translation>テキスト、gzip</translation>
    </message>
    <message>
        <source>text, zstd</source>
        <translation>テキスト、zstd</translation>
    </message>
    <message numerus="yes">
        <source>%1 files</source>
        <translation>
            <numerusform>%1 個のファイル</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 answers before the last one of their conversation are not learned: only the template chat, the model&apos;s own, learns every answer</source>
        <translation>
            <numerusform>会話の最後より前にある回答 %1 件は学習されません: すべての回答を学習するのは、モデル自身のテンプレート chat だけです</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 conversations end with messages that no answer follows: those are left out</source>
        <translation>
            <numerusform>%1 件の会話は、後に回答のないメッセージで終わります: そのメッセージは除外されます</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 rows mark a message of the question as to be learned: it is not, answers alone are</source>
        <translation>
            <numerusform>%1 行で質問側のメッセージに学習の印がありますが、学習されません: 学習されるのは回答だけです</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 messages of the tree lead to no answer and are left out</source>
        <translation>
            <numerusform>ツリーのメッセージ %1 件は回答につながらないため除外されます</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 messages of the tree are marked as deleted and are left out</source>
        <translation>
            <numerusform>ツリーのメッセージ %1 件は削除済みの印があるため除外されます</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 more fields are not used</source>
        <translation>
            <numerusform>ほかに %1 個のフィールドが使われません</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>the field %1 of %2 rows is not used</source>
        <translation>
            <numerusform>%2 行にあるフィールド %1 は使われません</numerusform>
        </translation>
    </message>
    <message>
        <source>numbers and flags that are not used: %1</source>
        <translation>使われない数値と真偽値: %1</translation>
    </message>
    <message>
        <source>Labels of texts</source>
        <translation>テキストのラベル</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::AgreementCard</name>
    <message>
        <source>+%1</source>
        <translation>+%1</translation>
    </message>
    <message>
        <source>From %1 to %2 the perplexity changes by %3: %4.</source>
        <translation>%1 から %2 へ、パープレキシティは %3 変わります: %4。</translation>
    </message>
    <message>
        <source>95 % interval from %1 to %2, by the mean loss of the same windows (Student, paired). Above 0, what %3 knew of this text is forgotten by %4.</source>
        <translation>95 % 区間は %1 から %2(同じ窓の平均損失による。対応のある t 検定)。0 より大きければ、このテキストについて %3 が知っていたことを %4 は忘れています。</translation>
    </message>
    <message>
        <source>One window alone has no interval.</source>
        <translation>窓が一つだけでは区間を求められません。</translation>
    </message>
    <message>
        <source>&lt; 0.001</source>
        <translation>&lt; 0.001</translation>
    </message>
    <message>
        <source>p &lt; 0.001</source>
        <translation>p &lt; 0.001</translation>
    </message>
    <message>
        <source>p = %1</source>
        <translation>p = %1</translation>
    </message>
    <message>
        <source>No question is answered by both yet.</source>
        <translation>両方が答えた問題はまだありません。</translation>
    </message>
    <message numerus="yes">
        <source>Too few to tell: the two differ on %1 questions.</source>
        <translation>
            <numerusform>判断するには少なすぎます: 二つの結果が異なるのは %1 問です。</numerusform>
        </translation>
    </message>
    <message>
        <source>Below %1 of them McNemar&apos;s test tells nothing.</source>
        <translation>%1 問未満では、マクネマーの検定では何も言えません。</translation>
    </message>
    <message>
        <source>%1 is better on these questions: %2.</source>
        <translation>これらの問題では %1 が優れます: %2。</translation>
    </message>
    <message>
        <source>%1 may be better on these questions: %2.</source>
        <translation>これらの問題では %1 のほうが優れる可能性があります: %2。</translation>
    </message>
    <message>
        <source>No difference can be shown on these questions: %1.</source>
        <translation>これらの問題では差を示せません: %1。</translation>
    </message>
    <message>
        <source>McNemar, exact, two-sided: %1 against %2 where only one is right.</source>
        <translation>マクネマーの正確検定、両側: 一方だけが正解の問題で %1 対 %2。</translation>
    </message>
    <message numerus="yes">
        <source>%1 With Holm&apos;s correction over %2 pairs %3.</source>
        <translation>
            <numerusform>%1 ホルムの補正(%2 組)では %3。</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 Not all is answered yet.</source>
        <translation>%1 まだすべての回答がそろっていません。</translation>
    </message>
    <message>
        <source>Pair</source>
        <translation>対</translation>
    </message>
    <message>
        <source>Questions that both solve</source>
        <translation>両方が正解した問題</translation>
    </message>
    <message>
        <source>Questions that only A solves</source>
        <translation>A だけが正解した問題</translation>
    </message>
    <message>
        <source>Questions that only B solves</source>
        <translation>B だけが正解した問題</translation>
    </message>
    <message>
        <source>Questions that none solves</source>
        <translation>どちらも不正解の問題</translation>
    </message>
    <message>
        <source>Every two models</source>
        <translation>モデルのすべての対</translation>
    </message>
    <message>
        <source>only first</source>
        <translation>前者のみ</translation>
    </message>
    <message>
        <source>only second</source>
        <translation>後者のみ</translation>
    </message>
    <message>
        <source>p, Holm</source>
        <translation>p (Holm)</translation>
    </message>
    <message>
        <source>Two models or more are laid beside one another here.</source>
        <translation>二つ以上のモデルをここで比べます。</translation>
    </message>
    <message>
        <source>%1 against %2</source>
        <translation>%1 対 %2</translation>
    </message>
    <message>
        <source>%1, question by question</source>
        <translation>%1、問題ごと</translation>
    </message>
    <message>
        <source>%1 right</source>
        <translation>%1 正解</translation>
    </message>
    <message>
        <source>%1 wrong</source>
        <translation>%1 不正解</translation>
    </message>
    <message>
        <source>Both right</source>
        <translation>両方正解</translation>
    </message>
    <message>
        <source>Only %1 right</source>
        <translation>%1 だけ正解</translation>
    </message>
    <message>
        <source>Neither right</source>
        <translation>どちらも不正解</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>%1: list these questions (%2)</source>
        <translation>%1: これらの問題を一覧 (%2)</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1、%2</translation>
    </message>
    <message>
        <source>too few</source>
        <translation>少数</translation>
    </message>
    <message>
        <source>%1, window by window</source>
        <translation>%1、窓ごと</translation>
    </message>
    <message>
        <source>These answers are judged afterwards.</source>
        <translation>これらの回答はあとで判定されます。</translation>
    </message>
    <message>
        <source>No rule tells which is right: judge them below, side by side, or have a model judge them with pissarro-cli judge.</source>
        <translation>どちらが正しいかを決める規則はありません。下で並べて判定するか、pissarro-cli judge でモデルに判定させてください。</translation>
    </message>
    <message>
        <source>perplexity</source>
        <translation>パープレキシティ</translation>
    </message>
    <message>
        <source>p</source>
        <translation>p</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::AnglesCard</name>
    <message>
        <source>layer %1 · %2</source>
        <translation>第 %1 層 · %2</translation>
    </message>
    <message>
        <source>Principal angles</source>
        <translation>主角</translation>
    </message>
    <message>
        <source>Which directions</source>
        <translation>方向の種類</translation>
    </message>
    <message>
        <source>out</source>
        <translation>出力</translation>
    </message>
    <message>
        <source>in</source>
        <translation>入力</translation>
    </message>
    <message>
        <source>Cosines of the principal angles of the changes</source>
        <translation>変化どうしの主角の余弦</translation>
    </message>
    <message>
        <source>Among the outputs of the matrix</source>
        <translation>行列の出力側の方向</translation>
    </message>
    <message>
        <source>Among the inputs of the matrix</source>
        <translation>行列の入力側の方向</translation>
    </message>
    <message>
        <source>angle i</source>
        <translation>角 i</translation>
    </message>
    <message>
        <source>cosine</source>
        <translation>余弦</translation>
    </message>
    <message>
        <source>1 is a direction that both have, 0 one at right angles to the other</source>
        <translation>1 は両方に共通の方向、0 は一方がもう一方と直交する方向です</translation>
    </message>
    <message>
        <source>A, W</source>
        <translation>A と W</translation>
    </message>
    <message>
        <source>B, W</source>
        <translation>B と W</translation>
    </message>
    <message>
        <source>A, its start</source>
        <translation>A とその初期値</translation>
    </message>
    <message>
        <source>B, its start</source>
        <translation>B とその初期値</translation>
    </message>
    <message>
        <source>A, B</source>
        <translation>A と B</translation>
    </message>
    <message>
        <source>Select a matrix in the maps.</source>
        <translation>マップで行列を選んでください。</translation>
    </message>
    <message>
        <source>Not measured yet, or there is nothing to compare with on this side.</source>
        <translation>まだ測定していないか、この側には比べるものがありません。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::AnswerCard</name>
    <message>
        <source>cut off at the limit</source>
        <translation>上限で打ち切り</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>問題</translation>
    </message>
    <message>
        <source>What is marked</source>
        <translation>強調するもの</translation>
    </message>
    <message>
        <source>differences</source>
        <translation>異なる点</translation>
    </message>
    <message>
        <source>plain</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>Framed: what the scorer read</source>
        <translation>枠: 採点で読み取られた部分</translation>
    </message>
    <message>
        <source>Answer of the first model</source>
        <translation>一つ目のモデルの回答</translation>
    </message>
    <message>
        <source>Answer of the second model</source>
        <translation>二つ目のモデルの回答</translation>
    </message>
    <message>
        <source>Chat from here</source>
        <translation>ここからチャット</translation>
    </message>
    <message>
        <source>The question before (Up in the list)</source>
        <translation>前の問題(一覧で ↑)</translation>
    </message>
    <message>
        <source>The next question (Down in the list)</source>
        <translation>次の問題(一覧で ↓)</translation>
    </message>
    <message>
        <source>Question %1</source>
        <translation>問題 %1</translation>
    </message>
    <message>
        <source>Choose a question at the left.</source>
        <translation>左で問題を選んでください。</translation>
    </message>
    <message>
        <source>Answer of %1</source>
        <translation>%1 の回答</translation>
    </message>
    <message>
        <source>not answered yet</source>
        <translation>未回答</translation>
    </message>
    <message>
        <source>✓ %1</source>
        <translation>✓ %1</translation>
    </message>
    <message>
        <source>✕ %1</source>
        <translation>✕ %1</translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 トークン</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>Log-likelihoods:</source>
        <translation>対数尤度:</translation>
    </message>
    <message>
        <source>%1 (gold)</source>
        <translation>%1 (正解)</translation>
    </message>
    <message>
        <source>Mean loss %1 nats a token, perplexity %2; tokens counted: %3.</source>
        <translation>平均損失 %1 nat/トークン、パープレキシティ %2。数えたトークン: %3。</translation>
    </message>
    <message>
        <source>right by %1</source>
        <translation>%1 で正解</translation>
    </message>
    <message>
        <source>wrong by %1</source>
        <translation>%1 で不正解</translation>
    </message>
    <message>
        <source>The question stands in the prompt of Chat then (Ctrl+Shift+Return)</source>
        <translation>質問はチャットの入力欄に入ります (Ctrl+Shift+Return)</translation>
    </message>
    <message>
        <source>✕ %1, gold %2</source>
        <translation>✕ %1、正解 %2</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::AxisRow</name>
    <message>
        <source>%1 of %2</source>
        <translation>%2 の%1</translation>
    </message>
    <message>
        <source>Do not vary %1</source>
        <translation>%1 を変えない</translation>
    </message>
    <message>
        <source>Do not vary it: every run has the base&apos;s</source>
        <translation>変えない: どの実行も元の設定の値を使います</translation>
    </message>
    <message>
        <source>add…</source>
        <translation>追加…</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::BlockImage</name>
    <message>
        <source>Error of each block</source>
        <translation>各ブロックの誤差</translation>
    </message>
    <message>
        <source>row %1</source>
        <translation>行 %1</translation>
    </message>
    <message>
        <source>rows %1 to %2</source>
        <translation>行 %1–%2</translation>
    </message>
    <message>
        <source>block %1</source>
        <translation>ブロック %1</translation>
    </message>
    <message>
        <source>blocks %1 to %2</source>
        <translation>ブロック %1–%2</translation>
    </message>
    <message>
        <source>no block</source>
        <translation>ブロックなし</translation>
    </message>
    <message numerus="yes">
        <source>%1 blocks, RMS errors up to %2, that of block %3</source>
        <translation>
            <numerusform>%1 ブロック、RMS 誤差は最大 %2、ブロック %3 の値</numerusform>
        </translation>
    </message>
    <message>
        <source>RMS error of a block</source>
        <translation>ブロックの RMS 誤差</translation>
    </message>
    <message>
        <source>block %1, values %2 to %3
RMS error %4</source>
        <translation>ブロック %1、値 %2–%3
RMS 誤差 %4</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::Caches</name>
    <message>
        <source>Could not clear the cache</source>
        <translation>キャッシュを消去できませんでした</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::Chat</name>
    <message>
        <source>Replies</source>
        <translation>返答</translation>
    </message>
    <message>
        <source>The conversation could not be opened</source>
        <translation>会話を開けませんでした</translation>
    </message>
    <message>
        <source>%1 could not answer</source>
        <translation>%1 は答えられませんでした</translation>
    </message>
    <message>
        <source>Perplexity of a text</source>
        <translation>テキストのパープレキシティ</translation>
    </message>
    <message>
        <source>The conversation was held with another model</source>
        <translation>この会話は別のモデルとのものです</translation>
    </message>
    <message>
        <source>%1 goes on with it; adapters of the other model do not fit it.</source>
        <translation>%1 で会話を続けます。元のモデルのアダプターは適用できません。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ChatPage</name>
    <message>
        <source>Ask a model, and what training made of it</source>
        <translation>モデルと、学習後のモデルに質問する</translation>
    </message>
    <message>
        <source>Open a model: it answers here, and beside it an adapter or a run of it.</source>
        <translation>モデルを開くと、ここで質問に答えます。アダプターや実行を横に並べられます。</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>チャット</translation>
    </message>
    <message>
        <source>Ask the base and what training made of it</source>
        <translation>ベースと学習後のモデルに質問する</translation>
    </message>
    <message>
        <source>A run of this model, a PEFT adapter for it, or another model</source>
        <translation>このモデルの実行、PEFT アダプター、または別のモデル</translation>
    </message>
    <message>
        <source>A task&apos;s questions</source>
        <translation>タスクの問題</translation>
    </message>
    <message>
        <source>Data sets (*.jsonl *.json);;All files (*)</source>
        <translation>データセット (*.jsonl *.json);;すべてのファイル (*)</translation>
    </message>
    <message>
        <source>Export the conversation</source>
        <translation>会話を書き出す</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>The conversation could not be exported</source>
        <translation>会話を書き出せませんでした</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>No run of this model can speak yet</source>
        <translation>このモデルの実行で、質問に答えられるものはまだありません</translation>
    </message>
    <message>
        <source>Adapter, run or model folder…</source>
        <translation>アダプター、実行、モデルのフォルダー…</translation>
    </message>
    <message>
        <source>The open model itself</source>
        <translation>開いているモデル</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>コピー</translation>
    </message>
    <message>
        <source>Copy the answer</source>
        <translation>回答をコピー</translation>
    </message>
    <message>
        <source>Edit the question</source>
        <translation>質問を編集</translation>
    </message>
    <message>
        <source>Retry from here</source>
        <translation>ここから再試行</translation>
    </message>
    <message numerus="yes">
        <source>Ask all %n models</source>
        <translation>
            <numerusform>%n 個のモデルすべてに質問する</numerusform>
        </translation>
    </message>
    <message>
        <source>Ask the model, or begin a text that it is to go on with</source>
        <translation>モデルに質問するか、続きを書かせる文を入力してください</translation>
    </message>
    <message>
        <source>In the place of question %1: what follows it is asked no more (Esc leaves)</source>
        <translation>質問 %1 を置き換えます。それより後の質問は取り消されます (Esc で中止)</translation>
    </message>
    <message>
        <source>Enter sends, Shift+Enter breaks the line, Esc stops, Up recalls, Ctrl+K begins anew</source>
        <translation>Enter で送信、Shift+Enter で改行、Esc で停止、↑ で前の質問、Ctrl+K で新しい会話</translation>
    </message>
    <message>
        <source>Base</source>
        <translation>ベース</translation>
    </message>
    <message>
        <source>Reads the prompt…</source>
        <translation>プロンプトを読んでいます…</translation>
    </message>
    <message>
        <source>Its answers come here, token by token</source>
        <translation>回答はここに、トークンごとに表示されます</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 tokens used</source>
        <translation>
            <numerusform>%2 トークン中 %1 を使用</numerusform>
        </translation>
    </message>
    <message>
        <source>What is 15 % of 80?</source>
        <translation>80 の 15 % はいくつ?</translation>
    </message>
    <message>
        <source>Why is the sky blue?</source>
        <translation>空はなぜ青い?</translation>
    </message>
    <message>
        <source>Tell me a story in one sentence.</source>
        <translation>一文で物語を聞かせて。</translation>
    </message>
    <message>
        <source>Shading of the tokens</source>
        <translation>トークンの色の濃さ</translation>
    </message>
    <message>
        <source>probability</source>
        <translation>確率</translation>
    </message>
    <message>
        <source>off</source>
        <translation>オフ</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>送信</translation>
    </message>
    <message>
        <source>Ask (Enter, or Ctrl+Enter)</source>
        <translation>質問する (Enter または Ctrl+Enter)</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>End the replies within a token (Esc)</source>
        <translation>返答を直ちに止める (Esc)</translation>
    </message>
    <message>
        <source>Model or adapter</source>
        <translation>モデルかアダプター</translation>
    </message>
    <message>
        <source>What answers beside the open model: a run, a PEFT folder or a model</source>
        <translation>開いているモデルの横で答えるもの: 実行、PEFT のフォルダー、またはモデル</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>プロンプト</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>システムプロンプト</translation>
    </message>
    <message>
        <source>System prompt: stands before the whole conversation</source>
        <translation>システムプロンプト: 会話全体の前に置かれます</translation>
    </message>
    <message>
        <source>From a question of the test set…</source>
        <translation>テストセットの問題から…</translation>
    </message>
    <message>
        <source>Take a question of GSM8K, MATH or another task&apos;s file as the prompt</source>
        <translation>GSM8K、MATH などのタスクのファイルから、問題を一つプロンプトに使う</translation>
    </message>
    <message>
        <source>What stands before the whole conversation (Ctrl+Shift+Y)</source>
        <translation>会話全体の前に置くもの (Ctrl+Shift+Y)</translation>
    </message>
    <message>
        <source>How surprising a pasted text is for each model (Ctrl+Shift+P)</source>
        <translation>貼り付けたテキストが、各モデルにとってどれほど意外かを測る (Ctrl+Shift+P)</translation>
    </message>
    <message>
        <source>Such as</source>
        <translation>例</translation>
    </message>
    <message>
        <source>Shading</source>
        <translation>色の濃さ</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新しいチャット</translation>
    </message>
    <message>
        <source>Begin another conversation (Ctrl+K)</source>
        <translation>別の会話を始める (Ctrl+K)</translation>
    </message>
    <message>
        <source>Conversations…</source>
        <translation>会話…</translation>
    </message>
    <message>
        <source>Those that were kept (Ctrl+Shift+H)</source>
        <translation>保存された会話 (Ctrl+Shift+H)</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>書き出す…</translation>
    </message>
    <message>
        <source>Write it as JSON that other programs read (Ctrl+Shift+E)</source>
        <translation>ほかのプログラムで読める JSON に書き出す (Ctrl+Shift+E)</translation>
    </message>
    <message>
        <source>&amp;Send</source>
        <translation>送信(&amp;S)</translation>
    </message>
    <message>
        <source>S&amp;top</source>
        <translation>停止(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Edit the last question</source>
        <translation>最後の質問を編集(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Retry the last question</source>
        <translation>最後の質問を再試行(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;New chat</source>
        <translation>新しいチャット(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Conversations…</source>
        <translation>会話(&amp;C)…</translation>
    </message>
    <message>
        <source>E&amp;xport the conversation…</source>
        <translation>会話を書き出す(&amp;X)…</translation>
    </message>
    <message>
        <source>S&amp;ystem prompt</source>
        <translation>システムプロンプト(&amp;Y)</translation>
    </message>
    <message>
        <source>From a &amp;question of the test set…</source>
        <translation>テストセットの問題から(&amp;Q)…</translation>
    </message>
    <message>
        <source>&amp;Perplexity of a text…</source>
        <translation>テキストのパープレキシティ(&amp;P)…</translation>
    </message>
    <message>
        <source>&amp;Adapter or run beside it…</source>
        <translation>横に並べるアダプターか実行(&amp;A)…</translation>
    </message>
    <message>
        <source>Column to the &amp;left</source>
        <translation>列を左へ(&amp;L)</translation>
    </message>
    <message>
        <source>Column to the r&amp;ight</source>
        <translation>列を右へ(&amp;I)</translation>
    </message>
    <message>
        <source>Re&amp;move the column</source>
        <translation>列を削除(&amp;M)</translation>
    </message>
    <message>
        <source>Ask both models</source>
        <translation>両方のモデルに質問</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ChecksCard</name>
    <message>
        <source>Checks</source>
        <translation>確認</translation>
    </message>
    <message>
        <source>Add test set…</source>
        <translation>テストセットを追加…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Save bad rows…</source>
        <translation>不正な行を保存…</translation>
    </message>
    <message>
        <source>Checks and how many rows they found</source>
        <translation>確認の項目と、見つかった行の数</translation>
    </message>
    <message>
        <source>Rows that the chosen check found</source>
        <translation>選んだ項目で見つかった行</translation>
    </message>
    <message>
        <source>Enter or a double click shows the row</source>
        <translation>Enter かダブルクリックでその行を表示</translation>
    </message>
    <message>
        <source>A file of test rows: rows that share 13 words in a row with one of them are found</source>
        <translation>テスト用の行のファイル。そのどれかと連続する 13 語が一致する行を見つけます</translation>
    </message>
    <message>
        <source>Every row that cannot be read, with its line and the reason</source>
        <translation>読み取れないすべての行を、行番号と理由をつけて保存</translation>
    </message>
    <message>
        <source>Test set</source>
        <translation>テストセット</translation>
    </message>
    <message>
        <source>⚠ %1: %2</source>
        <translation>⚠ %1: %2</translation>
    </message>
    <message>
        <source>✓ %1: %2</source>
        <translation>✓ %1: %2</translation>
    </message>
    <message>
        <source>Rows that cannot be read, left out</source>
        <translation>読み取れず除外した行</translation>
    </message>
    <message>
        <source>Cut before the end</source>
        <translation>途中で切り詰めた行</translation>
    </message>
    <message>
        <source>Cut so that nothing to learn is left</source>
        <translation>切り詰めで学習対象がなくなった行</translation>
    </message>
    <message>
        <source>Repeated rows</source>
        <translation>重複する行</translation>
    </message>
    <message>
        <source>Other answers to a question</source>
        <translation>同じ質問への別の回答</translation>
    </message>
    <message>
        <source>Empty answers</source>
        <translation>空の回答</translation>
    </message>
    <message>
        <source>Invisible characters (U+00A0, U+200B …)</source>
        <translation>見えない文字 (U+00A0、U+200B …)</translation>
    </message>
    <message>
        <source>Near a test row, 13 words in a row</source>
        <translation>テストの行と連続する 13 語が一致</translation>
    </message>
    <message>
        <source>Remove test set</source>
        <translation>テストセットを外す</translation>
    </message>
    <message>
        <source>looking through the rows…</source>
        <translation>行を調べています…</translation>
    </message>
    <message>
        <source>Checks come here once rows are in tokens.</source>
        <translation>行をトークン化すると、ここに確認の結果が表示されます。</translation>
    </message>
    <message>
        <source>line %1 · %2</source>
        <translation>%1 行目 · %2</translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 トークン</numerusform>
        </translation>
    </message>
    <message>
        <source>as line %1</source>
        <translation>%1 行目と同じ</translation>
    </message>
    <message>
        <source>the answer is empty</source>
        <translation>回答が空</translation>
    </message>
    <message>
        <source>holds characters that are not seen</source>
        <translation>見えない文字を含む</translation>
    </message>
    <message>
        <source>test line %1 · %2 of its words · «%3»</source>
        <translation>テストの %1 行目 · 語の %2 · 「%3」</translation>
    </message>
    <message>
        <source>Other labels of a text</source>
        <translation>同じテキストの別のラベル</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ChipEdit</name>
    <message>
        <source>%1: another value</source>
        <translation>%1: 値を追加</translation>
    </message>
    <message>
        <source>Enter adds; Backspace removes the one before; Alt+← and Alt+→, or dragging, order</source>
        <translation>Enter で追加、Backspace で直前の値を削除、Alt+← と Alt+→ またはドラッグで並べ替え</translation>
    </message>
    <message>
        <source>%1, value %2 of %3</source>
        <translation>%1、値 %2 / %3</translation>
    </message>
    <message>
        <source>%1 is there already</source>
        <translation>%1 はすでにあります</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ChosenModelCard</name>
    <message>
        <source>%1: %2 of memory</source>
        <translation>%1: メモリ %2</translation>
    </message>
    <message>
        <source>No model chosen</source>
        <translation>モデル未選択</translation>
    </message>
    <message>
        <source>Choose a model in the list: what its headers say stands here.</source>
        <translation>一覧でモデルを選ぶと、ヘッダーの内容がここに表示されます。</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>開く</translation>
    </message>
    <message>
        <source>Singular values</source>
        <translation>特異値</translation>
    </message>
    <message>
        <source>Memory for training</source>
        <translation>学習時のメモリ</translation>
    </message>
    <message>
        <source>PiSSA, LoRA</source>
        <translation>PiSSA、LoRA</translation>
    </message>
    <message>
        <source>On four bits</source>
        <translation>4 ビット</translation>
    </message>
    <message>
        <source>Full</source>
        <translation>Full</translation>
    </message>
    <message>
        <source>Open the chosen model</source>
        <translation>選んだモデルを開く</translation>
    </message>
    <message>
        <source>Open the chosen model (Enter)</source>
        <translation>選んだモデルを開く (Enter)</translation>
    </message>
    <message>
        <source>%1, of which %2 for keys and values</source>
        <translation>%1(うちキーとバリュー %2)</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>アーキテクチャ</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>バージョン</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>パラメーター数</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>層</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>幅</translation>
    </message>
    <message>
        <source>Heads</source>
        <translation>ヘッド</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>語彙</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>コンテキスト</translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 トークン</numerusform>
        </translation>
    </message>
    <message>
        <source>Stored as</source>
        <translation>保存形式</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1、%2</translation>
    </message>
    <message>
        <source>File</source>
        <translation>ファイル</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>フォルダー</translation>
    </message>
    <message>
        <source>of %1</source>
        <translation>全 %1</translation>
    </message>
    <message>
        <source>batch %1</source>
        <translation>バッチ %1</translation>
    </message>
    <message numerus="yes">
        <source>at most %1 tokens a row</source>
        <translation>
            <numerusform>1 行は最大 %1 トークン</numerusform>
        </translation>
    </message>
    <message>
        <source>rank %1</source>
        <translation>ランク %1</translation>
    </message>
    <message>
        <source>layer %1, the first %2, rank %3 dotted; from the cache</source>
        <translation>第 %1 層、先頭 %2 個、点線はランク %3。キャッシュの値</translation>
    </message>
    <message>
        <source>%1 × %2</source>
        <translation>%1 × %2</translation>
    </message>
    <message>
        <source>Energy that rank %1 keeps</source>
        <translation>ランク %1 の保持エネルギー</translation>
    </message>
    <message>
        <source>%1, energy that rank %2 keeps</source>
        <translation>%1、ランク %2 の保持エネルギー</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::Closing</name>
    <message>
        <source>The window closes soon</source>
        <translation>まもなくウィンドウを閉じます</translation>
    </message>
    <message>
        <source>%1, step %2 of %3</source>
        <translation>%1、ステップ %2 / %3</translation>
    </message>
    <message>
        <source>%1, which is being prepared</source>
        <translation>%1(準備中)</translation>
    </message>
    <message>
        <source>The step in work ends, then adapter and checkpoint are written to %1.</source>
        <translation>実行中のステップを終えてから、アダプターとチェックポイントを %1 に書き込みます。</translation>
    </message>
    <message>
        <source>It waits for: %1.</source>
        <translation>終了を待っています: %1</translation>
    </message>
    <message>
        <source>Keep it open</source>
        <translation>閉じない</translation>
    </message>
    <message>
        <source>The window stays open</source>
        <translation>ウィンドウは開いたままです</translation>
    </message>
    <message>
        <source>The run failed while it was being stopped: %1</source>
        <translation>停止中に学習が失敗しました: %1</translation>
    </message>
    <message>
        <source>The run has stopped at its checkpoint, but could not go on in a process of its own.</source>
        <translation>学習はチェックポイントで停止しましたが、独立したプロセスで続行できませんでした。</translation>
    </message>
    <message>
        <source>Close Pissarro</source>
        <translation>Pissarro を閉じる</translation>
    </message>
    <message>
        <source>Closing the window would drop work that is not finished.</source>
        <translation>ウィンドウを閉じると、終わっていない作業が失われます。</translation>
    </message>
    <message>
        <source>A run is training in this window.</source>
        <translation>このウィンドウで学習を実行中です。</translation>
    </message>
    <message>
        <source>%1.

It can go on in a process of its own, from a checkpoint written now; the next start of the program finds it again. If it is stopped, the adapter so far is kept and it can be resumed.</source>
        <translation>%1。

いまチェックポイントを書き込み、独立したプロセスで続行できます。次にプログラムを起動したときに、この学習がふたたび表示されます。停止した場合は、それまでのアダプターが残り、あとで再開できます。</translation>
    </message>
    <message>
        <source>Also at work:
• %1</source>
        <translation>ほかの作業:
• %1</translation>
    </message>
    <message>
        <source>Do the same from now on, without asking</source>
        <translation>次回から確認せずに同じようにする</translation>
    </message>
    <message>
        <source>Wait, then close</source>
        <translation>終了を待って閉じる</translation>
    </message>
    <message>
        <source>Drop it and close</source>
        <translation>破棄して閉じる</translation>
    </message>
    <message>
        <source>Keep training and close</source>
        <translation>学習を続けて閉じる</translation>
    </message>
    <message>
        <source>Stop, keep and close</source>
        <translation>停止し、保存して閉じる</translation>
    </message>
    <message>
        <source>Do not close</source>
        <translation>閉じない</translation>
    </message>
    <message>
        <source>The preparation of the run ends.</source>
        <translation>実行の準備を終わらせています。</translation>
    </message>
    <message>
        <source>%1.

It cannot go on without this window: pissarro-cli is not found. If it is stopped, the adapter so far is kept and it can be resumed.</source>
        <translation>%1。

このウィンドウなしでは続行できません。pissarro-cli が見つかりません。停止した場合は、それまでのアダプターが残り、あとで再開できます。</translation>
    </message>
    <message>
        <source>%1.

It cannot go on without this window: it is not prepared yet. If it is stopped, it stays as it was and can be resumed.</source>
        <translation>%1。

このウィンドウなしでは続行できません。準備が終わっていません。停止した場合は、それまでの状態のまま残り、あとで再開できます。</translation>
    </message>
    <message>
        <source>%1.

It cannot go on without this window: it is not prepared yet. Nothing of it is kept so far: if it is stopped, it has to be started anew.</source>
        <translation>%1。

このウィンドウなしでは続行できません。準備が終わっていません。まだ何も残っていないため、停止した場合は、最初から始めることになります。</translation>
    </message>
    <message>
        <source>Stop and close</source>
        <translation>停止して閉じる</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ColumnCard</name>
    <message>
        <source>Of its answer under the model that wrote it: 1 is one that was certain of each token</source>
        <translation>回答のパープレキシティ (PPL)。書いたモデル自身から見た値で、1 ならどのトークンにも確信がありました</translation>
    </message>
    <message>
        <source>What can be done with this column</source>
        <translation>この列の操作</translation>
    </message>
    <message>
        <source>What can be done with this column (its head is dragged to another place, or Alt+Left and Alt+Right)</source>
        <translation>この列の操作(見出しのドラッグ、または Alt+← と Alt+→ で移動できます)</translation>
    </message>
    <message>
        <source>Answers of %1</source>
        <translation>%1 の回答</translation>
    </message>
    <message numerus="yes">
        <source>Stopped after %1 tokens</source>
        <translation>
            <numerusform>%1 トークンで停止</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 トークン</numerusform>
        </translation>
    </message>
    <message>
        <source>Stopped before its first token</source>
        <translation>最初のトークンの前に停止</translation>
    </message>
    <message>
        <source>The model reads no more than this: its answer ends here. Begin a new chat, or take back a turn.</source>
        <translation>モデルが読める長さの上限に達し、回答はここで終わりました。新しいチャットを始めるか、前の質問に戻ってください。</translation>
    </message>
    <message>
        <source>perplexity %1</source>
        <translation>PPL %1</translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation>%1 トークン/秒</translation>
    </message>
    <message>
        <source>First token after %1 s</source>
        <translation>最初のトークンまで %1 秒</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ColumnList</name>
    <message>
        <source>Instruction</source>
        <translation>指示</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>入力</translation>
    </message>
    <message>
        <source>Response</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>System text</source>
        <translation>システム文</translation>
    </message>
    <message>
        <source>Earlier turns</source>
        <translation>それまでのやり取り</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>メッセージ</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>ツール</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>テキスト</translation>
    </message>
    <message>
        <source>Find by name</source>
        <translation>名前から判定</translation>
    </message>
    <message>
        <source>Columns and their roles</source>
        <translation>列とその役割</translation>
    </message>
    <message>
        <source>Takes back what was chosen: roles are found by the columns&apos; names</source>
        <translation>選択を取り消し、列の名前から役割を判定します</translation>
    </message>
    <message>
        <source>Role of the column %1</source>
        <translation>列 %1 の役割</translation>
    </message>
    <message>
        <source>What stands in this column</source>
        <translation>この列の内容</translation>
    </message>
    <message>
        <source>not used</source>
        <translation>使わない</translation>
    </message>
    <message>
        <source>Choose the column that is the response.</source>
        <translation>回答の列を選んでください。</translation>
    </message>
    <message>
        <source>Choose the column that is the instruction.</source>
        <translation>指示の列を選んでください。</translation>
    </message>
    <message numerus="yes">
        <source>%n more columns are not shown</source>
        <translation>
            <numerusform>ほか %n 列は表示していません</numerusform>
        </translation>
    </message>
    <message>
        <source>chosen by hand</source>
        <translation>手動で選択</translation>
    </message>
    <message>
        <source>found by name; change what is wrong</source>
        <translation>名前から判定しました。違うものは変えてください</translation>
    </message>
    <message>
        <source>Second text</source>
        <translation>2 つ目のテキスト</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>ラベル</translation>
    </message>
    <message>
        <source>Choose the column that is the text.</source>
        <translation>テキストの列を選んでください。</translation>
    </message>
    <message>
        <source>Choose the column that is the label.</source>
        <translation>ラベルの列を選んでください。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ComparePage</name>
    <message>
        <source>No run to compare</source>
        <translation>比較できる実行ではありません</translation>
    </message>
    <message>
        <source>Check runs at the left: their curves draw here, over one another.</source>
        <translation>左で実行にチェックを入れると、曲線がここに重ねて描かれます。</translation>
    </message>
    <message>
        <source>Reading the runs…</source>
        <translation>実行を読み込んでいます…</translation>
    </message>
    <message>
        <source>None of these runs tells of it; choose something else to draw.</source>
        <translation>これらの実行には、この項目の記録がありません。別の項目を選んでください。</translation>
    </message>
    <message>
        <source>check two runs or more</source>
        <translation>二つ以上にチェック</translation>
    </message>
    <message numerus="yes">
        <source>%1 settings and figures</source>
        <translation>
            <numerusform>設定と数値 %1 項目</numerusform>
        </translation>
    </message>
    <message>
        <source>Open the run of another program</source>
        <translation>別のプログラムの実行を開く</translation>
    </message>
    <message>
        <source>Runs (trainer_state.json trainer_log.jsonl *tfevents*)</source>
        <translation>実行 (trainer_state.json trainer_log.jsonl *tfevents*)</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Settings and figures</source>
        <translation>設定と数値</translation>
    </message>
    <message>
        <source>differences</source>
        <translation>異なる点</translation>
    </message>
    <message>
        <source>all</source>
        <translation>すべて</translation>
    </message>
    <message>
        <source>Swap A and B (X)</source>
        <translation>A と B を入れ替える (X)</translation>
    </message>
    <message>
        <source>Write a report (%1)</source>
        <translation>レポートを書く (%1)</translation>
    </message>
    <message>
        <source>The updates cannot be laid over one another</source>
        <translation>更新を比較できません</translation>
    </message>
    <message>
        <source>Nothing to compare yet</source>
        <translation>比較するものがまだありません</translation>
    </message>
    <message>
        <source>Train a model, or open the run of another program: a trainer_state.json, a trainer_log.jsonl or TensorBoard&apos;s event files (or drop one here).</source>
        <translation>モデルを学習するか、別のプログラムの実行を開いてください: trainer_state.json、trainer_log.jsonl、TensorBoard のイベントファイル(ここへのドロップも可)。</translation>
    </message>
    <message>
        <source>Train a model</source>
        <translation>モデルを学習</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>実行</translation>
    </message>
    <message>
        <source>Look for runs</source>
        <translation>実行を検索</translation>
    </message>
    <message>
        <source>Name, method, setting: lr&gt;1e-4</source>
        <translation>名前、手法、設定: lr&gt;1e-4</translation>
    </message>
    <message>
        <source>All words must hold: parts of names, or a setting or figure with =, !=, &lt;, &lt;=, &gt;, &gt;= or : (holds); - before a word: not so</source>
        <translation>すべての語に一致するものを表示します。名前の一部、または =、!=、&lt;、&lt;=、&gt;、&gt;=、:(含む)を使った設定や数値。語の前の - は否定です</translation>
    </message>
    <message>
        <source>Runs that may be drawn</source>
        <translation>表示できる実行</translation>
    </message>
    <message>
        <source>Runs that were read</source>
        <translation>読み込んだ実行</translation>
    </message>
    <message>
        <source>Read no more runs</source>
        <translation>実行の読み込みをやめる</translation>
    </message>
    <message>
        <source>A and B…</source>
        <translation>A と B…</translation>
    </message>
    <message>
        <source>Two runs closely</source>
        <translation>二つの実行を詳しく</translation>
    </message>
    <message>
        <source>Two runs closely: what may be said, and where their updates went (%1)</source>
        <translation>二つの実行を詳しく: 何が言えるか、更新がどこに向かったか (%1)</translation>
    </message>
    <message>
        <source>Write a report</source>
        <translation>レポートを書く</translation>
    </message>
    <message>
        <source>What differs</source>
        <translation>異なる点</translation>
    </message>
    <message>
        <source>Where the runs that are drawn differ</source>
        <translation>表示中の実行の異なる点</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>コピー</translation>
    </message>
    <message>
        <source>Copy the table or the commands</source>
        <translation>表かコマンドをコピー</translation>
    </message>
    <message>
        <source>The table as CSV, or the commands that train such runs</source>
        <translation>表の CSV、またはこれらの実行を学習するコマンド</translation>
    </message>
    <message>
        <source>&amp;Refresh</source>
        <translation>更新(&amp;R)</translation>
    </message>
    <message>
        <source>Open others&apos; run…</source>
        <translation>外部の実行を開く…</translation>
    </message>
    <message>
        <source>Take others&apos; run off the list</source>
        <translation>外部の実行を一覧から外す</translation>
    </message>
    <message>
        <source>Draw none</source>
        <translation>すべて非表示</translation>
    </message>
    <message>
        <source>Copy table as CSV</source>
        <translation>表を CSV でコピー</translation>
    </message>
    <message>
        <source>Copy commands</source>
        <translation>コマンドをコピー</translation>
    </message>
    <message>
        <source>Swap A and B</source>
        <translation>A と B を入れ替える</translation>
    </message>
    <message>
        <source>Earlier checkpoint</source>
        <translation>前のチェックポイント</translation>
    </message>
    <message>
        <source>Later checkpoint</source>
        <translation>次のチェックポイント</translation>
    </message>
    <message>
        <source>Report…</source>
        <translation>レポート…</translation>
    </message>
    <message>
        <source>&amp;Find</source>
        <translation>検索(&amp;F)</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <comment>a run&apos;s recipe and its folder</comment>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>%1: this is no run (expected a folder with run.json, a trainer_state.json, a trainer_log.jsonl or TensorBoard&apos;s event files, or a folder of runs); choose another one</source>
        <translation>%1: 実行ではありません (run.json のあるフォルダー、trainer_state.json、trainer_log.jsonl、TensorBoard のイベントファイル、または実行のフォルダーが必要です)。別のものを選んでください</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 drawn</source>
        <translation>
            <numerusform>%2 件中 %1 件を表示</numerusform>
        </translation>
    </message>
    <message>
        <source>no setting that is known</source>
        <translation>わかっている設定はありません</translation>
    </message>
    <message>
        <source>Add the folder of an evaluation…</source>
        <translation>評価のフォルダーを追加…</translation>
    </message>
    <message>
        <source>Add the folder of an evaluation</source>
        <translation>評価のフォルダーを追加</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::CompareRunsModel</name>
    <message>
        <source>not read</source>
        <translation>読込不可</translation>
    </message>
    <message>
        <source>not told</source>
        <translation>記録なし</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>実行</translation>
    </message>
    <message>
        <source>Last</source>
        <translation>最後</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::CompareTableModel</name>
    <message>
        <source>Base, fingerprint</source>
        <translation>ベースの指紋</translation>
    </message>
    <message>
        <source>Of the weights that the run began with</source>
        <translation>実行を始めたときの重みの指紋</translation>
    </message>
    <message>
        <source>Examples, fingerprint</source>
        <translation>例の指紋</translation>
    </message>
    <message>
        <source>Of the tokens and labels that it read</source>
        <translation>読み込んだトークンとラベルの指紋</translation>
    </message>
    <message>
        <source>Loss at step 0</source>
        <translation>ステップ 0 の損失</translation>
    </message>
    <message>
        <source>Of the model with its fresh adapters</source>
        <translation>学習前のアダプターを付けたモデルの損失</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>ステップ</translation>
    </message>
    <message>
        <source>The last that anything was told of</source>
        <translation>記録がある最後のステップ</translation>
    </message>
    <message>
        <source>Last</source>
        <translation>最後</translation>
    </message>
    <message>
        <source>Last value of: %1</source>
        <translation>最後の値: %1</translation>
    </message>
    <message>
        <source>Lowest</source>
        <translation>最小</translation>
    </message>
    <message>
        <source>Lowest value of: %1</source>
        <translation>最小の値: %1</translation>
    </message>
    <message>
        <source>%1, the best of them</source>
        <translation>%1、この中で最良</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>実行</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>フォルダー</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::Comparison</name>
    <message>
        <source>Could not compare with %1</source>
        <translation>%1 と比較できませんでした</translation>
    </message>
    <message>
        <source>Comparison with %1</source>
        <translation>%1 との比較</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ConversationKeeper</name>
    <message>
        <source>The conversation could not be kept</source>
        <translation>会話を保存できませんでした</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ConversationShelf</name>
    <message>
        <source>The conversations could not be listed</source>
        <translation>会話の一覧を読み込めませんでした</translation>
    </message>
    <message>
        <source>The conversation could not be renamed</source>
        <translation>会話の名前を変更できませんでした</translation>
    </message>
    <message>
        <source>The conversation could not be moved to the trash</source>
        <translation>会話をゴミ箱に移せませんでした</translation>
    </message>
    <message>
        <source>The conversation could not be put back</source>
        <translation>会話を元に戻せませんでした</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ConversationsDialog</name>
    <message>
        <source>Look for conversations</source>
        <translation>会話を検索</translation>
    </message>
    <message>
        <source>Conversations that were kept</source>
        <translation>保存された会話</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>開く</translation>
    </message>
    <message>
        <source>Go on with this conversation (Enter)</source>
        <translation>この会話を続ける (Enter)</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>名前を変更</translation>
    </message>
    <message>
        <source>Give it another title (F2)</source>
        <translation>題名を変更する (F2)</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>削除</translation>
    </message>
    <message>
        <source>Move it to the trash (Del)</source>
        <translation>ゴミ箱に移す (Del)</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>元に戻す</translation>
    </message>
    <message>
        <source>Put back what was deleted last (Ctrl+Z)</source>
        <translation>最後に削除したものを元に戻す (Ctrl+Z)</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>会話</translation>
    </message>
    <message>
        <source>Part of a title</source>
        <translation>題名の一部</translation>
    </message>
    <message numerus="yes">
        <source>%1 turns with %2, %3</source>
        <translation>
            <numerusform>%2 と %1 回のやり取り、%3</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>None was kept yet: each is, as it grows.</source>
        <translation>保存された会話はまだありません。会話は進むにつれて自動的に保存されます。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::CurveLegend</name>
    <message>
        <source>Legend</source>
        <translation>凡例</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::Data</name>
    <message>
        <source>Could not use %1</source>
        <translation>%1 を使えません</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::DataPage</name>
    <message>
        <source>What a model will learn from</source>
        <translation>モデルが学習するデータ</translation>
    </message>
    <message>
        <source>Open a file of rows (JSON, JSON lines, CSV, TSV or text), or drop one here.</source>
        <translation>データのファイル(JSON、1 行 1 件の JSON、CSV、TSV、テキスト)を開くか、ここにドロップしてください。</translation>
    </message>
    <message>
        <source>Open data…</source>
        <translation>データを開く…</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>長さ</translation>
    </message>
    <message>
        <source>Add or remove a &amp;test set…</source>
        <translation>テストセットを追加、または外す(&amp;T)…</translation>
    </message>
    <message>
        <source>&amp;Save bad rows…</source>
        <translation>不正な行を保存(&amp;S)…</translation>
    </message>
    <message>
        <source>T&amp;rain on this</source>
        <translation>このデータで学習(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>キャンセル(&amp;C)</translation>
    </message>
    <message>
        <source>Copy as c&amp;ommand</source>
        <translation>コマンドをコピー(&amp;O)</translation>
    </message>
    <message>
        <source>Goes to the Train page (%1)</source>
        <translation>「学習」ページへ (%1)</translation>
    </message>
    <message>
        <source>Could not save the bad rows</source>
        <translation>不正な行を保存できませんでした</translation>
    </message>
    <message>
        <source>tokens a row · median %1 · 95 % %2 · longest %3</source>
        <translation>1 行のトークン数 · 中央値 %1 · 95 % %2 · 最長 %3</translation>
    </message>
    <message>
        <source>Cut 5 % → %1</source>
        <translation>5 % を切り詰め → %1</translation>
    </message>
    <message>
        <source>Cut nothing → %1</source>
        <translation>切り詰めなし → %1</translation>
    </message>
    <message>
        <source>Open data</source>
        <translation>データを開く</translation>
    </message>
    <message numerus="yes">
        <source>%1 bad rows saved</source>
        <translation>
            <numerusform>不正な行を %1 行保存しました</numerusform>
        </translation>
    </message>
    <message>
        <source>Save bad rows</source>
        <translation>不正な行を保存</translation>
    </message>
    <message>
        <source>JSON lines (*.jsonl)</source>
        <translation>1 行 1 件の JSON (*.jsonl)</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::DemoWalk</name>
    <message>
        <source>Open, the first of five: a model&apos;s headers and its tokenizer are read.</source>
        <translation>開く (1/5): モデルのヘッダーとトークナイザーを読み込みます。</translation>
    </message>
    <message>
        <source>Look, the second of five: the spectra of its matrices are drawn as they are computed.</source>
        <translation>見る (2/5): 行列のスペクトルを、計算できたものから描きます。</translation>
    </message>
    <message>
        <source>Train, the third of five: PiSSA and LoRA see the same batches, side by side.</source>
        <translation>学習 (3/5): PiSSA と LoRA が同じバッチで並んで学習します。</translation>
    </message>
    <message>
        <source>Compare, the fourth of five: both losses, and by how much they differ.</source>
        <translation>比較 (4/5): 両方の損失と、その差を見ます。</translation>
    </message>
    <message>
        <source>Go on, the last of five: export, ask the model, or take data of your own.</source>
        <translation>続ける (5/5): 書き出す、モデルに質問する、または自分のデータを使う。</translation>
    </message>
    <message>
        <source>The demo</source>
        <translation>デモ</translation>
    </message>
    <message>
        <source>Leave it (Esc)</source>
        <translation>デモを終える (Esc)</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::DetailCard</name>
    <message>
        <source>What is drawn</source>
        <translation>グラフの内容</translation>
    </message>
    <message>
        <source>norm</source>
        <translation>ノルム</translation>
    </message>
    <message>
        <source>rate</source>
        <translation>学習率</translation>
    </message>
    <message>
        <source>Gradient norm</source>
        <translation>勾配ノルム</translation>
    </message>
    <message>
        <source>Gradient norm, learning rate, tokens per second</source>
        <translation>勾配ノルム、学習率、毎秒のトークン数</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学習率</translation>
    </message>
    <message>
        <source>Throughput</source>
        <translation>スループット</translation>
    </message>
    <message>
        <source>pace</source>
        <translation>速度</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::DifferencesModel</name>
    <message>
        <source>Loss at step 0</source>
        <translation>ステップ 0 の損失</translation>
    </message>
    <message>
        <source>Last loss</source>
        <translation>最後の損失</translation>
    </message>
    <message>
        <source>Best held-out loss</source>
        <translation>最良の検証損失</translation>
    </message>
    <message>
        <source>Best score</source>
        <translation>最良のスコア</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>トークン/秒</translation>
    </message>
    <message>
        <source>Trained parameters</source>
        <translation>学習パラメーター数</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状態</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>メッセージ</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>フォルダー</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>開始</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>デバイス</translation>
    </message>
    <message>
        <source>%1 at step %2</source>
        <translation>%1(ステップ %2)</translation>
    </message>
    <message>
        <source>Step 0</source>
        <translation>ステップ 0</translation>
    </message>
    <message>
        <source>Setting</source>
        <translation>設定</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::DraftCard</name>
    <message>
        <source>There are no settings to vary yet: take them from the Train page or a file.</source>
        <translation>変える設定がまだありません。「学習」ページかファイルから取り込んでください。</translation>
    </message>
    <message>
        <source>The base names no model: choose one on the Train page.</source>
        <translation>元の設定にモデルがありません。「学習」ページで選んでください。</translation>
    </message>
    <message>
        <source>The base names no data: choose a file on the Train page.</source>
        <translation>元の設定にデータがありません。「学習」ページでファイルを選んでください。</translation>
    </message>
    <message>
        <source>It is the open sweep, which is at work.</source>
        <translation>開いているスイープと同じもので、実行中です。</translation>
    </message>
    <message>
        <source>a claim over seeds needs five</source>
        <translation>主張には五つのシードが必要</translation>
    </message>
    <message>
        <source>%1 on %2</source>
        <comment>a model on its data</comment>
        <translation>%1、データ %2</translation>
    </message>
    <message numerus="yes">
        <source>%1 single runs of the file beside the grid</source>
        <translation>
            <numerusform>グリッドのほかに、ファイルの個別の実行 %1 件</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 has its own %2</source>
        <comment>a method and a setting</comment>
        <translation>%1 は個別の%2</translation>
    </message>
    <message>
        <source>runs, %1 ended</source>
        <translation>実行(うち %1 終了)</translation>
    </message>
    <message>
        <source>runs, %1 named twice</source>
        <translation>実行(重複 %1)</translation>
    </message>
    <message>
        <source>runs</source>
        <translation>実行</translation>
    </message>
    <message>
        <source>measuring</source>
        <translation>測定中</translation>
    </message>
    <message>
        <source>at most</source>
        <translation>最長</translation>
    </message>
    <message>
        <source>of %1 free</source>
        <translation>空き %1 のうち</translation>
    </message>
    <message>
        <source>disk</source>
        <translation>ディスク</translation>
    </message>
    <message>
        <source>Go on with the sweep</source>
        <translation>スイープを続ける</translation>
    </message>
    <message numerus="yes">
        <source>Start %1 runs</source>
        <translation>
            <numerusform>%1 件の実行を開始</numerusform>
        </translation>
    </message>
    <message>
        <source>Start the sweep</source>
        <translation>スイープを開始</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>a method and what its ramp proposes</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>Use rank %1</source>
        <translation>ランク %1 を使う</translation>
    </message>
    <message>
        <source>New sweep</source>
        <translation>新しいスイープ</translation>
    </message>
    <message>
        <source>alpha goes with the rank</source>
        <translation>アルファをランクに合わせる</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Load…</source>
        <translation>読み込む…</translation>
    </message>
    <message>
        <source>Take settings from the Train page or a file</source>
        <translation>「学習」ページかファイルから設定を取り込む</translation>
    </message>
    <message>
        <source>No settings yet</source>
        <translation>設定がまだありません</translation>
    </message>
    <message>
        <source>Vary another setting</source>
        <translation>ほかの設定を変える</translation>
    </message>
    <message>
        <source>Any setting of a run: modules, data, SVD, T, schedule …</source>
        <translation>実行のどの設定でも: モジュール、データ、SVD、T、スケジュールなど</translation>
    </message>
    <message>
        <source>alpha / rank stays what it is in the base</source>
        <translation>α / ランクを元の設定と同じに保ちます</translation>
    </message>
    <message>
        <source>A method&apos;s best rate is its own: PiSSA&apos;s is 3 to 10 times below LoRA&apos;s</source>
        <translation>最良の学習率は手法によって異なります。PiSSA では LoRA の 3 分の 1 から 10 分の 1 です</translation>
    </message>
    <message>
        <source>Progress of the measurement</source>
        <translation>測定の進み具合</translation>
    </message>
    <message>
        <source>Measure no further</source>
        <translation>測定をやめる</translation>
    </message>
    <message>
        <source>Use the rank that was measured</source>
        <translation>測定したランクを使う</translation>
    </message>
    <message>
        <source>The sweep has this rank alone</source>
        <translation>スイープのランクをこの値だけにします</translation>
    </message>
    <message>
        <source>The open sweep has ended. With another value it is a new sweep.</source>
        <translation>開いているスイープは終わっています。値を変えると新しいスイープになります。</translation>
    </message>
    <message>
        <source>trained</source>
        <translation>学習済み</translation>
    </message>
    <message>
        <source>left</source>
        <translation>残り</translation>
    </message>
    <message>
        <source>Add axis</source>
        <translation>軸を追加</translation>
    </message>
    <message>
        <source>own rates for each method</source>
        <translation>手法ごとに個別の学習率</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::DraftOptions</name>
    <message>
        <source>Rows that judge, in percent</source>
        <translation>判定に使う行の割合(パーセント)</translation>
    </message>
    <message>
        <source>Rows that are held out of training: one half chooses rates, the other is reported. Nothing held out: the training loss judges, and claims are marked.</source>
        <translation>学習に使わずに取り分ける行。半分で学習率を選び、残り半分で報告します。取り分けない場合は学習損失で判定し、主張にその旨を記します。</translation>
    </message>
    <message>
        <source>Which runs end early</source>
        <translation>早期終了する実行</translation>
    </message>
    <message>
        <source>Halving: at each look the best go on. Median: a run goes that is behind the median of those that finished.</source>
        <translation>半減法: 確認のたびに上位だけを続けます。中央値: 終わった実行の中央値に劣る実行をやめます。</translation>
    </message>
    <message>
        <source>Step of the first look</source>
        <translation>最初に確認するステップ</translation>
    </message>
    <message>
        <source>Steps between looks, or which share goes on</source>
        <translation>確認の間隔(ステップ)、または続ける割合</translation>
    </message>
    <message>
        <source>What the finished runs are asked</source>
        <translation>終わった実行に解かせるもの</translation>
    </message>
    <message>
        <source>File of its questions</source>
        <translation>問題のファイル</translation>
    </message>
    <message>
        <source>Questions (*.jsonl *.json *.txt);;All files (*)</source>
        <translation>問題 (*.jsonl *.json *.txt);;すべてのファイル (*)</translation>
    </message>
    <message>
        <source>Questions, the first of the file</source>
        <translation>ファイルの先頭から使う問題の数</translation>
    </message>
    <message>
        <source>0: all of them</source>
        <translation>0 ならすべて</translation>
    </message>
    <message>
        <source>Longest answer, in tokens</source>
        <translation>回答の最大長(トークン)</translation>
    </message>
    <message>
        <source>Run what models write, in the sandbox</source>
        <translation>モデルが書いたコードをサンドボックスで実行する</translation>
    </message>
    <message>
        <source>Such answers are programs: they are scored by running them in a process without network and files</source>
        <translation>回答はプログラムです。ネットワークもファイルも使えないプロセスで実行して採点します</translation>
    </message>
    <message>
        <source>Runs at a time</source>
        <translation>同時実行数</translation>
    </message>
    <message>
        <source>Programs that train side by side and share the processor</source>
        <translation>並行して学習するプログラムの数。プロセッサを分け合います</translation>
    </message>
    <message>
        <source>Judge by</source>
        <translation>判定の基準</translation>
    </message>
    <message>
        <source>of the rows, held out</source>
        <translation>の行を検証に使う</translation>
    </message>
    <message>
        <source>no run</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>the worse, by halving</source>
        <translation>劣るものを半減法で</translation>
    </message>
    <message>
        <source>the hopeless, by the median</source>
        <translation>見込みのないものを中央値で</translation>
    </message>
    <message>
        <source>from step</source>
        <translation>開始ステップ</translation>
    </message>
    <message>
        <source>End early</source>
        <translation>早期終了</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>questions</source>
        <translation>問題数</translation>
    </message>
    <message>
        <source>tokens an answer</source>
        <translation>回答のトークン数</translation>
    </message>
    <message>
        <source>Ask the finished runs</source>
        <translation>終わった実行に解かせる</translation>
    </message>
    <message>
        <source>goes on: one of</source>
        <translation>続ける割合: 1 /</translation>
    </message>
    <message>
        <source>then every</source>
        <translation>以後の間隔</translation>
    </message>
    <message>
        <source>The finished runs are to be asked %1: name the file of its questions.</source>
        <translation>終わった実行に %1 を解かせる設定です。問題のファイルを指定してください。</translation>
    </message>
    <message>
        <source>The finished runs are asked for programs: agree that they are run in the sandbox.</source>
        <translation>終わった実行にプログラムを書かせる設定です。サンドボックスでの実行に同意してください。</translation>
    </message>
    <message>
        <source>run answers, in the sandbox</source>
        <translation>回答をサンドボックス内で実行する</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>a field, and what is wrong with it</comment>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::DraftWords</name>
    <message>
        <source>must be on or off, found %1</source>
        <translation>オンかオフを指定してください(現在 %1)</translation>
    </message>
    <message>
        <source>must be one of %1, found %2</source>
        <translation>%1 のいずれかを指定してください(現在 %2)</translation>
    </message>
    <message>
        <source>must be a whole number</source>
        <translation>整数を指定してください</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::DropQuestion</name>
    <message>
        <source>Not finished</source>
        <translation>未完了</translation>
    </message>
    <message>
        <source>Drop it</source>
        <translation>破棄する</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>続ける</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::EnergyCard</name>
    <message>
        <source>Cumulative energy</source>
        <translation>累積エネルギー</translation>
    </message>
    <message>
        <source>Share of the energy kept over the rank</source>
        <translation>ランクに対する保持エネルギーの割合</translation>
    </message>
    <message>
        <source>shares the rank cursor</source>
        <translation>ランクのカーソルと連動</translation>
    </message>
    <message>
        <source>rank r</source>
        <translation>ランク r</translation>
    </message>
    <message>
        <source>Angles</source>
        <translation>角度</translation>
    </message>
    <message>
        <source>cosines, ΔW to W · outputs solid, inputs dashed</source>
        <translation>ΔW と W の余弦 · 出力は実線、入力は破線</translation>
    </message>
    <message>
        <source>angle i</source>
        <translation>角 i</translation>
    </message>
    <message>
        <source>Nothing to compare with yet</source>
        <translation>比べるものがまだありません</translation>
    </message>
    <message>
        <source>%1 inputs</source>
        <translation>%1 入力</translation>
    </message>
    <message>
        <source>%1 outputs</source>
        <translation>%1 出力</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ErrorBanner</name>
    <message>
        <source>Details</source>
        <translation>詳細</translation>
    </message>
    <message>
        <source>Show the whole message</source>
        <translation>メッセージをすべて表示</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>コピー</translation>
    </message>
    <message>
        <source>Copy the whole message</source>
        <translation>メッセージ全体をコピー</translation>
    </message>
    <message>
        <source>Act on the message</source>
        <translation>メッセージの操作を実行</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>メッセージ</translation>
    </message>
    <message>
        <source>Dismiss the message</source>
        <translation>メッセージを閉じる</translation>
    </message>
    <message>
        <source>Dismiss (Esc)</source>
        <translation>閉じる (Esc)</translation>
    </message>
    <message>
        <source>Less</source>
        <translation>たたむ</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>コピーしました</translation>
    </message>
    <message>
        <source>Failure: %1. %2</source>
        <translation>エラー: %1。%2</translation>
    </message>
    <message>
        <source>%1. %2</source>
        <translation>%1。%2</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ErrorCurvesCard</name>
    <message>
        <source>Error left</source>
        <translation>残る誤差</translation>
    </message>
    <message>
        <source>Over what</source>
        <translation>横軸</translation>
    </message>
    <message>
        <source>iterations</source>
        <translation>反復</translation>
    </message>
    <message>
        <source>rank</source>
        <translation>ランク</translation>
    </message>
    <message>
        <source>Error in percent of QLoRA&apos;s</source>
        <translation>QLoRA に対する誤差(パーセント)</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>再試行</translation>
    </message>
    <message>
        <source>mean of all matrices; dashed: the chosen one</source>
        <translation>全行列の平均。破線: 選んだ行列</translation>
    </message>
    <message>
        <source>mean of the matrices so far; dashed: the chosen one</source>
        <translation>これまでの行列の平均。破線: 選んだ行列</translation>
    </message>
    <message>
        <source>iterations T</source>
        <translation>反復回数 T</translation>
    </message>
    <message>
        <source>of QLoRA&apos;s error</source>
        <translation>QLoRA の誤差に対する割合</translation>
    </message>
    <message>
        <source>Measure: the error after each iteration draws here.</source>
        <translation>測定すると、反復ごとの誤差がここに描かれます。</translation>
    </message>
    <message>
        <source>the chosen matrix, T = %1</source>
        <translation>選んだ行列、T = %1</translation>
    </message>
    <message>
        <source>rank r</source>
        <translation>ランク r</translation>
    </message>
    <message>
        <source>Select a matrix in the map.</source>
        <translation>マップで行列を選んでください。</translation>
    </message>
    <message>
        <source>Measuring ranks…</source>
        <translation>ランクを測定中…</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::EvaluateForm</name>
    <message>
        <source>Evaluate</source>
        <translation>評価</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>一時停止</translation>
    </message>
    <message>
        <source>New</source>
        <translation>新規</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>開く…</translation>
    </message>
    <message>
        <source>An evaluation from its folder, also one by pissarro-cli (Ctrl+Alt+O)</source>
        <translation>フォルダーから評価を開く。pissarro-cli によるものも開けます (Ctrl+Alt+O)</translation>
    </message>
    <message>
        <source>Whom</source>
        <translation>対象</translation>
    </message>
    <message>
        <source>What</source>
        <translation>タスク</translation>
    </message>
    <message>
        <source>How</source>
        <translation>方法</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>What was answered is kept, and can be gone on with (Ctrl+.)</source>
        <translation>回答は保存され、あとで続けられます (Ctrl+.)</translation>
    </message>
    <message>
        <source>Another evaluation beside the one that is open (Ctrl+Shift+N)</source>
        <translation>開いている評価とは別に新しい評価を始める (Ctrl+Shift+N)</translation>
    </message>
    <message>
        <source>Choose the file of the task</source>
        <translation>タスクのファイルを選択</translation>
    </message>
    <message>
        <source>Texts (*.txt *.jsonl)</source>
        <translation>テキスト (*.txt *.jsonl)</translation>
    </message>
    <message>
        <source>Questions (*.jsonl)</source>
        <translation>問題 (*.jsonl)</translation>
    </message>
    <message>
        <source>Choose a task; one that is missing wants its file.</source>
        <translation>タスクを選んでください。足りないタスクにはファイルが必要です。</translation>
    </message>
    <message>
        <source>Run what a model wrote?</source>
        <translation>モデルが書いたコードを実行しますか?</translation>
    </message>
    <message>
        <source>HumanEval and MBPP are scored by running the programs that the models write. Each runs in a sandbox: without network, without your files, with limits on time and memory; where there is no sandbox nothing is run. Your answer is kept for the runs in %1.</source>
        <translation>HumanEval と MBPP は、モデルが書いたプログラムを実行して採点します。それぞれサンドボックスで実行され、ネットワークもお使いのファイルも使えず、時間とメモリに上限があります。サンドボックスがなければ何も実行しません。この回答は %1 の実行について保存されます。</translation>
    </message>
    <message>
        <source>Run them in the sandbox</source>
        <translation>サンドボックスで実行</translation>
    </message>
    <message>
        <source>Do not run them</source>
        <translation>実行しない</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>続ける</translation>
    </message>
    <message>
        <source>Ask what is left (Ctrl+Return)</source>
        <translation>残りに答えさせる (Ctrl+Return)</translation>
    </message>
    <message>
        <source>Put the models to the tasks (Ctrl+Return)</source>
        <translation>モデルにタスクを解かせる (Ctrl+Return)</translation>
    </message>
    <message>
        <source>–</source>
        <translation>–</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>%1 answers/s</source>
        <translation>%1 回答/秒</translation>
    </message>
    <message>
        <source>%1 answers/s · %2 left</source>
        <translation>%1 回答/秒 · 残り %2</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::EvaluatePage</name>
    <message>
        <source>Nothing is evaluated yet</source>
        <translation>評価はまだありません</translation>
    </message>
    <message>
        <source>Choose a run and a task at the left, or open an evaluation from its folder.</source>
        <translation>左で実行とタスクを選ぶか、フォルダーから評価を開いてください。</translation>
    </message>
    <message>
        <source>Open an evaluation</source>
        <translation>評価を開く</translation>
    </message>
    <message>
        <source>Could not export the scores</source>
        <translation>スコアを書き出せませんでした</translation>
    </message>
    <message>
        <source>&amp;Evaluate</source>
        <translation>評価(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>一時停止(&amp;P)</translation>
    </message>
    <message>
        <source>&amp;New evaluation</source>
        <translation>新しい評価(&amp;N)</translation>
    </message>
    <message>
        <source>Add run or &amp;folder…</source>
        <translation>実行かフォルダーを追加(&amp;F)…</translation>
    </message>
    <message>
        <source>&amp;Open an evaluation…</source>
        <translation>評価を開く(&amp;O)…</translation>
    </message>
    <message>
        <source>&amp;Refresh</source>
        <translation>更新(&amp;R)</translation>
    </message>
    <message>
        <source>All questions</source>
        <translation>すべての問題</translation>
    </message>
    <message>
        <source>Only the first is right</source>
        <translation>一つ目だけ正解</translation>
    </message>
    <message>
        <source>Only the second is right</source>
        <translation>二つ目だけ正解</translation>
    </message>
    <message>
        <source>Both are right</source>
        <translation>両方正解</translation>
    </message>
    <message>
        <source>Neither is right</source>
        <translation>どちらも不正解</translation>
    </message>
    <message>
        <source>F&amp;ind</source>
        <translation>検索(&amp;I)</translation>
    </message>
    <message>
        <source>Judge: A better</source>
        <translation>判定: A が良い</translation>
    </message>
    <message>
        <source>Judge: tie</source>
        <translation>判定: 引き分け</translation>
    </message>
    <message>
        <source>Judge: B better</source>
        <translation>判定: B が良い</translation>
    </message>
    <message>
        <source>&amp;Chat from here</source>
        <translation>ここからチャット(&amp;C)</translation>
    </message>
    <message>
        <source>E&amp;xport the scores…</source>
        <translation>スコアを書き出す(&amp;X)…</translation>
    </message>
    <message>
        <source>Copy as co&amp;mmands</source>
        <translation>コマンドをコピー(&amp;M)</translation>
    </message>
    <message>
        <source>Evaluate a run, a model or an adapter</source>
        <translation>実行、モデル、アダプターを評価する</translation>
    </message>
    <message>
        <source>Evaluate</source>
        <translation>評価</translation>
    </message>
    <message>
        <source>Put the run to tasks, beside the base</source>
        <translation>実行にタスクを解かせ、ベースと比べる</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::Evaluations</name>
    <message>
        <source>Could not open the evaluation</source>
        <translation>評価を開けませんでした</translation>
    </message>
    <message>
        <source>Could not keep the vote</source>
        <translation>票を保存できませんでした</translation>
    </message>
    <message>
        <source>Evaluation</source>
        <translation>評価</translation>
    </message>
    <message>
        <source>Reading of an evaluation</source>
        <translation>評価の読み込み</translation>
    </message>
    <message>
        <source>Could not evaluate</source>
        <translation>評価できませんでした</translation>
    </message>
    <message>
        <source>Could not evaluate %1</source>
        <translation>%1 を評価できませんでした</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ExportDialog</name>
    <message>
        <source>step %1 of %2</source>
        <translation>ステップ %1 / %2</translation>
    </message>
    <message>
        <source>best and last</source>
        <translation>最良かつ最後</translation>
    </message>
    <message>
        <source>best</source>
        <translation>最良</translation>
    </message>
    <message>
        <source>last</source>
        <translation>最後</translation>
    </message>
    <message>
        <source>LoRA adapter</source>
        <translation>LoRA アダプター</translation>
    </message>
    <message>
        <source>Converted for the untouched model, rank %1 (%2&apos;s %3 doubled). PEFT, vLLM and llama.cpp&apos;s converter read it.</source>
        <translation>元のモデル用に変換します。ランクは %1(%2 の %3 の 2 倍)。PEFT、vLLM、llama.cpp の変換ツールで読めます。</translation>
    </message>
    <message>
        <source>For the run&apos;s own four-bit base, rank %1: what quantization took away is not of low rank, so it fits no other. PEFT reads both with bitsandbytes.</source>
        <translation>この実行の 4 ビットのベース専用、ランク %1。量子化で失われた分は低ランクではないため、ほかのベースには使えません。PEFT と bitsandbytes で両方を読めます。</translation>
    </message>
    <message>
        <source>For the untouched model, rank %1. PEFT, vLLM and llama.cpp&apos;s converter read it.</source>
        <translation>元のモデル用、ランク %1。PEFT、vLLM、llama.cpp の変換ツールで読めます。</translation>
    </message>
    <message>
        <source>Residual model and adapter</source>
        <translation>残差モデルとアダプター</translation>
    </message>
    <message>
        <source>Four-bit base and adapter</source>
        <translation>4 ビットのベースとアダプター</translation>
    </message>
    <message>
        <source>Model and adapter</source>
        <translation>モデルとアダプター</translation>
    </message>
    <message>
        <source>%1&apos;s frozen residual as a model folder, and the adapter as it was trained: to train on.</source>
        <translation>%1 の固定された残差をモデルのフォルダーに、アダプターは学習したままの形で書き出します。続けて学習するためのものです。</translation>
    </message>
    <message>
        <source>The base in bitsandbytes&apos; layout as it is, unless a precision below asks for it dequantized, and the adapter beside it.</source>
        <translation>bitsandbytes 形式のベースをそのまま(下で精度を選ぶと逆量子化して)、アダプターとともに書き出します。</translation>
    </message>
    <message>
        <source>A copy of the model with the adapter beside it.</source>
        <translation>モデルのコピーと、アダプターを書き出します。</translation>
    </message>
    <message>
        <source>Merged model</source>
        <translation>マージ済みモデル</translation>
    </message>
    <message>
        <source>The trained model as a Hugging Face folder.</source>
        <translation>学習済みモデルを Hugging Face 形式のフォルダーに書き出します。</translation>
    </message>
    <message>
        <source>One Hugging Face folder, dequantized, with the update inside.</source>
        <translation>逆量子化し、更新を組み込んだ Hugging Face 形式のフォルダー一つです。</translation>
    </message>
    <message>
        <source>One Hugging Face folder with the update inside; needs no adapter.</source>
        <translation>更新を組み込んだ Hugging Face 形式のフォルダー一つ。アダプターは不要です。</translation>
    </message>
    <message>
        <source>Folder to write</source>
        <translation>書き出すフォルダー</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>フォルダーを開く</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>閉じる</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>書き出す</translation>
    </message>
    <message>
        <source>Export %1</source>
        <translation>%1 を書き出す</translation>
    </message>
    <message>
        <source>What leaves</source>
        <translation>書き出すもの</translation>
    </message>
    <message>
        <source>Where it goes</source>
        <translation>書き出し先</translation>
    </message>
    <message>
        <source>State of the run</source>
        <translation>実行の時点</translation>
    </message>
    <message>
        <source>looking for them…</source>
        <translation>調べています…</translation>
    </message>
    <message>
        <source>The best by the loss of the held-out rows where the run evaluated, the last one, and the checkpoints that are kept</source>
        <translation>評価した実行では検証損失が最良の時点。ほかに最後の時点と、残っているチェックポイント</translation>
    </message>
    <message>
        <source>State</source>
        <translation>時点</translation>
    </message>
    <message>
        <source>Weights stored as</source>
        <translation>重みの保存形式</translation>
    </message>
    <message>
        <source>as the model is stored</source>
        <translation>モデルの保存形式のまま</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>重み</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>フォルダー</translation>
    </message>
    <message>
        <source>Progress of the export</source>
        <translation>書き出しの進み具合</translation>
    </message>
    <message>
        <source>Open the folder that was written</source>
        <translation>書き出したフォルダーを開く</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Loading the trained model…</source>
        <translation>学習済みモデルを読み込んでいます…</translation>
    </message>
    <message>
        <source>Written from the state «%1» and read back: its logits differ from the trained model&apos;s by %2 at most.</source>
        <translation>「%1」の時点から書き出し、読み直して確認しました。学習済みモデルとのロジットの差は最大 %2 です。</translation>
    </message>
    <message>
        <source>Written from the state «%1» and read back: its logits differ by %2 at most from those of the run&apos;s model folder, which is all that the run keeps.</source>
        <translation>「%1」の時点から書き出し、読み直して確認しました。実行に残っているのはモデルのフォルダーだけで、それとのロジットの差は最大 %2 です。</translation>
    </message>
    <message>
        <source>none</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>The export is not finished.</source>
        <translation>書き出しが終わっていません。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::Exports</name>
    <message>
        <source>Could not find what can be exported</source>
        <translation>書き出せるものを調べられませんでした</translation>
    </message>
    <message>
        <source>Could not export the run</source>
        <translation>学習結果を書き出せませんでした</translation>
    </message>
    <message>
        <source>Export of %1</source>
        <translation>%1 の書き出し</translation>
    </message>
    <message>
        <source>%1 exists already; choose another folder.</source>
        <translation>%1 はすでにあります。別のフォルダーを選んでください。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::FastSvdMeter</name>
    <message>
        <source>Measurement of the fast SVD</source>
        <translation>高速 SVD の測定</translation>
    </message>
    <message>
        <source>Could not measure the fast SVD</source>
        <translation>高速 SVD を測定できませんでした</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::FieldEditor</name>
    <message>
        <source>must be a whole number from 0 on</source>
        <translation>0 以上の整数を指定してください</translation>
    </message>
    <message>
        <source>off</source>
        <translation>オフ</translation>
    </message>
    <message>
        <source>on</source>
        <translation>オン</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::FieldWords</name>
    <message>
        <source>SVD</source>
        <translation>SVD</translation>
    </message>
    <message>
        <source>Singular value decomposition</source>
        <translation>特異値分解</translation>
    </message>
    <message>
        <source>exact</source>
        <translation>厳密</translation>
    </message>
    <message>
        <source>fast</source>
        <translation>高速</translation>
    </message>
    <message>
        <source>Randomised, with power iterations: seconds on models that take minutes</source>
        <translation>べき乗反復つきの乱択法: 数分かかるモデルでも数秒で終わります</translation>
    </message>
    <message>
        <source>Power iterations</source>
        <translation>べき乗反復</translation>
    </message>
    <message>
        <source>Power iterations (niter): more comes closer to the exact SVD</source>
        <translation>べき乗反復 (niter): 多いほど厳密な SVD に近づきます</translation>
    </message>
    <message>
        <source>Oversampling</source>
        <translation>オーバーサンプリング</translation>
    </message>
    <message>
        <source>Oversampling of the fast SVD</source>
        <translation>高速 SVD のオーバーサンプリング</translation>
    </message>
    <message>
        <source>Four bits</source>
        <translation>4 ビット</translation>
    </message>
    <message>
        <source>Four-bit type of the base</source>
        <translation>ベースの 4 ビット形式</translation>
    </message>
    <message>
        <source>NF4</source>
        <translation>NF4</translation>
    </message>
    <message>
        <source>FP4</source>
        <translation>FP4</translation>
    </message>
    <message>
        <source>Quantiles of the normal distribution</source>
        <translation>正規分布の分位点</translation>
    </message>
    <message>
        <source>Floating point: sign, two bits, one bit</source>
        <translation>浮動小数点: 符号、指数 2 ビット、仮数 1 ビット</translation>
    </message>
    <message>
        <source>Absmax</source>
        <translation>absmax</translation>
    </message>
    <message>
        <source>Scale of each 64 values</source>
        <translation>64 個ごとの値のスケール</translation>
    </message>
    <message>
        <source>float32</source>
        <translation>float32</translation>
    </message>
    <message>
        <source>8-bit</source>
        <translation>8 ビット</translation>
    </message>
    <message>
        <source>The largest value of each block as it is</source>
        <translation>各ブロックの最大値をそのまま保存</translation>
    </message>
    <message>
        <source>Double quantization, as QLoRA</source>
        <translation>QLoRA と同じ二重量子化</translation>
    </message>
    <message>
        <source>Iterations</source>
        <translation>反復回数</translation>
    </message>
    <message>
        <source>Alternating iterations of %1</source>
        <translation>%1 の交互反復の回数</translation>
    </message>
    <message>
        <source>Scale</source>
        <translation>スケール</translation>
    </message>
    <message>
        <source>Scale of the update</source>
        <translation>更新のスケール</translation>
    </message>
    <message>
        <source>α / r</source>
        <translation>α / r</translation>
    </message>
    <message>
        <source>α / √r</source>
        <translation>α / √r</translation>
    </message>
    <message>
        <source>alpha / rank, as LoRA and PiSSA scale</source>
        <translation>α / ランク(LoRA、PiSSA と同じ)</translation>
    </message>
    <message>
        <source>alpha / √rank: rank-stabilised LoRA (rsLoRA)</source>
        <translation>α / √ランク: ランク安定化 LoRA (rsLoRA)</translation>
    </message>
    <message>
        <source>Longest row</source>
        <translation>最大行長</translation>
    </message>
    <message>
        <source>Longest row in tokens</source>
        <translation>1 行の最大トークン数</translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 トークン</numerusform>
        </translation>
    </message>
    <message>
        <source>Warm-up</source>
        <translation>暖機</translation>
    </message>
    <message>
        <source>Warm-up, share of the steps</source>
        <translation>ウォームアップ(全ステップに占める割合)</translation>
    </message>
    <message>
        <source>%1 % of the steps</source>
        <translation>全ステップの %1 %</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>バッチ</translation>
    </message>
    <message>
        <source>Rows of a micro-batch</source>
        <translation>マイクロバッチの行数</translation>
    </message>
    <message>
        <source>Accumulation</source>
        <translation>勾配蓄積</translation>
    </message>
    <message>
        <source>Micro-batches of a step</source>
        <translation>1 ステップのマイクロバッチ数</translation>
    </message>
    <message>
        <source>Gradients of so many micro-batches are summed before a step</source>
        <translation>この数のマイクロバッチの勾配を合計してから 1 ステップ進めます</translation>
    </message>
    <message>
        <source>Optimizer</source>
        <translation>最適化</translation>
    </message>
    <message>
        <source>How gradients move what trains</source>
        <translation>勾配でパラメーターをどう更新するか</translation>
    </message>
    <message>
        <source>Weight decay</source>
        <translation>重み減衰</translation>
    </message>
    <message>
        <source>Clip norm</source>
        <translation>勾配クリップ</translation>
    </message>
    <message>
        <source>Largest gradient norm</source>
        <translation>勾配ノルムの上限</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>シード</translation>
    </message>
    <message>
        <source>Of initialisation and data order</source>
        <translation>初期化とデータ順序の乱数シード</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>スレッド数</translation>
    </message>
    <message>
        <source>all cores</source>
        <translation>全コア</translation>
    </message>
    <message>
        <source>Checkpoint</source>
        <translation>途中保存</translation>
    </message>
    <message>
        <source>Minutes between checkpoints</source>
        <translation>チェックポイントの間隔(分)</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 分</translation>
    </message>
    <message>
        <source>Steps between checkpoints</source>
        <translation>チェックポイントの間隔(ステップ)</translation>
    </message>
    <message numerus="yes">
        <source>%1 steps</source>
        <translation>
            <numerusform>%1 ステップ</numerusform>
        </translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保持</translation>
    </message>
    <message>
        <source>Checkpoints kept</source>
        <translation>保持するチェックポイント数</translation>
    </message>
    <message>
        <source>%1 newest</source>
        <translation>最新 %1 個</translation>
    </message>
    <message>
        <source>Held out</source>
        <translation>評価用</translation>
    </message>
    <message>
        <source>Held out for evaluation, share of the examples</source>
        <translation>評価用に取り分ける割合</translation>
    </message>
    <message>
        <source>These examples are not trained on; their loss is drawn beside</source>
        <translation>この例は学習に使わず、その損失を並べて描きます</translation>
    </message>
    <message>
        <source>%1 % of the rows</source>
        <translation>全行の %1 %</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>Evaluate</source>
        <translation>評価</translation>
    </message>
    <message>
        <source>Steps between evaluations</source>
        <translation>評価の間隔(ステップ)</translation>
    </message>
    <message numerus="yes">
        <source>every %1 steps</source>
        <translation>
            <numerusform>%1 ステップごと</numerusform>
        </translation>
    </message>
    <message>
        <source>at the end</source>
        <translation>最後に 1 回</translation>
    </message>
    <message>
        <source>Patience</source>
        <translation>早期終了</translation>
    </message>
    <message>
        <source>Evaluations without a better loss that end the run</source>
        <translation>損失が改善しない評価が何回続いたら終了するか</translation>
    </message>
    <message>
        <source>Early stopping: the run ends after so many evaluations without a better loss</source>
        <translation>早期終了: 損失が改善しない評価がこの回数続くと、学習を終えます</translation>
    </message>
    <message numerus="yes">
        <source>%1 evaluations</source>
        <translation>
            <numerusform>評価 %1 回</numerusform>
        </translation>
    </message>
    <message>
        <source>Activations</source>
        <translation>活性化</translation>
    </message>
    <message>
        <source>keep</source>
        <translation>保持</translation>
    </message>
    <message>
        <source>recompute</source>
        <translation>再計算</translation>
    </message>
    <message>
        <source>Gradient checkpointing: each layer is computed again in the backward pass. Less memory, a third more work, the same numbers</source>
        <translation>勾配チェックポイント: 逆伝播で各層を計算し直します。メモリは減り、計算は 3 分の 1 増え、結果は同じです</translation>
    </message>
    <message>
        <source>never</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>Dropout</source>
        <translation>ドロップアウト</translation>
    </message>
    <message>
        <source>Dropout on what adapters read</source>
        <translation>アダプターの入力のドロップアウト</translation>
    </message>
    <message>
        <source>Share of an adapter&apos;s inputs that training drops. PiSSA and LoRA of the paper train without</source>
        <translation>学習中に落とすアダプター入力の割合。論文の PiSSA と LoRA では 0</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>手法</translation>
    </message>
    <message>
        <source>Adapter</source>
        <translation>アダプター</translation>
    </message>
    <message>
        <source>What is added to a weight</source>
        <translation>重みに加えるもの</translation>
    </message>
    <message>
        <source>LoRA: two thin factors. DoRA: the length of each row of the weight trains too, at the cost of one more product in the backward pass</source>
        <translation>LoRA: 二つの細い因子。DoRA: 重みの各行の長さも学習します。逆伝播で積が一つ増えます</translation>
    </message>
    <message>
        <source>Rows of more tokens are cut; memory grows with it</source>
        <translation>これより長い行は切られます。メモリもこれとともに増えます</translation>
    </message>
    <message>
        <source>never ends early</source>
        <translation>早期終了しません</translation>
    </message>
    <message>
        <source>Alpha</source>
        <translation>アルファ</translation>
    </message>
    <message>
        <source>Batches</source>
        <translation>バッチのファイル</translation>
    </message>
    <message>
        <source>Best by</source>
        <translation>最良の基準</translation>
    </message>
    <message>
        <source>Beta 1</source>
        <translation>β1</translation>
    </message>
    <message>
        <source>Beta 2</source>
        <translation>β2</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>ブロック</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>データ</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>デバイス</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>精度</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>長さ</translation>
    </message>
    <message>
        <source>Epsilon</source>
        <translation>ε</translation>
    </message>
    <message>
        <source>Task</source>
        <translation>タスク</translation>
    </message>
    <message>
        <source>Questions</source>
        <translation>問題</translation>
    </message>
    <message>
        <source>Ask every</source>
        <translation>出題の間隔</translation>
    </message>
    <message>
        <source>Rows asked</source>
        <translation>出題数</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>開始点</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学習率</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>プロンプト</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>ランク</translation>
    </message>
    <message>
        <source>Rank map</source>
        <translation>ランクマップ</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>スケジュール</translation>
    </message>
    <message>
        <source>Share the base</source>
        <translation>ベースの共有</translation>
    </message>
    <message>
        <source>Slice</source>
        <translation>範囲</translation>
    </message>
    <message>
        <source>Modules</source>
        <translation>モジュール</translation>
    </message>
    <message>
        <source>of the adapters</source>
        <translation>アダプターのランク</translation>
    </message>
    <message>
        <source>learning rate</source>
        <translation>学習率</translation>
    </message>
    <message>
        <source>scaling = alpha / rank</source>
        <translation>倍率 = α / ランク</translation>
    </message>
    <message>
        <source>of the learning rate after the warm-up</source>
        <translation>ウォームアップ後の学習率の変え方</translation>
    </message>
    <message>
        <source>optimizer steps</source>
        <translation>オプティマイザーのステップ数</translation>
    </message>
    <message>
        <source>passes over the data</source>
        <translation>データを通して学習する回数</translation>
    </message>
    <message>
        <source>values that share an absmax</source>
        <translation>absmax を共有する値の数</translation>
    </message>
    <message>
        <source>how a row becomes a prompt</source>
        <translation>行をプロンプトにする方法</translation>
    </message>
    <message>
        <source>of the optimizer&apos;s first moment</source>
        <translation>オプティマイザーの 1 次モーメント</translation>
    </message>
    <message>
        <source>of its second moment</source>
        <translation>オプティマイザーの 2 次モーメント</translation>
    </message>
    <message>
        <source>added to the root of the second moment</source>
        <translation>2 次モーメントの平方根に加える値</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>列</translation>
    </message>
    <message>
        <source>Strict</source>
        <translation>厳格な読み取り</translation>
    </message>
    <message>
        <source>Learned</source>
        <translation>学習する回答</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>ラベル</translation>
    </message>
    <message>
        <source>Labels of a new head</source>
        <translation>新しいヘッドのラベル</translation>
    </message>
    <message>
        <source>For an encoder without a head for texts: how many classes, or their names with commas between them; 1 for a number</source>
        <translation>テキスト用のヘッドがないエンコーダー向け: クラスの数、またはコンマで区切ったクラス名。1 なら数値を出力</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::FileDialogs</name>
    <message>
        <source>%1: no file manager of this desktop opens it (the path is copied)</source>
        <translation>%1: このデスクトップのファイルマネージャーでは開けません(パスをコピーしました)</translation>
    </message>
    <message>
        <source>Rows (*.jsonl *.json *.csv *.tsv *.txt *.gz *.zst);;All files (*)</source>
        <translation>データ (*.jsonl *.json *.csv *.tsv *.txt *.gz *.zst);;すべてのファイル (*)</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::FirstScreen</name>
    <message>
        <source>Run the demo</source>
        <translation>デモを実行</translation>
    </message>
    <message>
        <source>Opens a small model, draws its spectra and trains PiSSA beside LoRA</source>
        <translation>小さなモデルを開いてスペクトルを描き、PiSSA を LoRA と並べて学習します</translation>
    </message>
    <message>
        <source>Back to the model</source>
        <translation>モデルに戻る</translation>
    </message>
    <message>
        <source>What is open stays open all the while</source>
        <translation>開いているものはそのまま残ります</translation>
    </message>
    <message>
        <source>First steps</source>
        <translation>最初の一歩</translation>
    </message>
    <message>
        <source>What Pissarro answers</source>
        <translation>Pissarro で分かること</translation>
    </message>
    <message>
        <source>Which rank, which method, and is PiSSA better on your data?</source>
        <translation>どのランクで、どの手法を? 自分のデータで PiSSA は優れるのか?</translation>
    </message>
    <message>
        <source>Pissarro answers with pictures. No account, no network, no Python: models and data stay on this machine.</source>
        <translation>Pissarro は図で答えます。アカウントもネットワークも Python も不要で、モデルとデータはこのマシンから出ません。</translation>
    </message>
    <message>
        <source>A real model, real curves,
some minutes</source>
        <translation>実際のモデル、実際の曲線、
数分で</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>モデルを開く</translation>
    </message>
    <message>
        <source>A Hugging Face folder, a .gguf file, or the id of a model in the local Hugging Face cache; or drop one anywhere. Only headers are read, nothing is downloaded.</source>
        <translation>Hugging Face 形式のフォルダー、.gguf ファイル、またはローカルの Hugging Face キャッシュにあるモデルの ID。どこにドロップしても開けます。読み込むのはヘッダーだけで、何もダウンロードしません。</translation>
    </message>
    <message>
        <source>Path or id of a model</source>
        <translation>モデルのパスまたは ID</translation>
    </message>
    <message>
        <source>/path/to/model or organisation/name</source>
        <translation>/path/to/model または organisation/name</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>開く</translation>
    </message>
    <message>
        <source>Open what is typed (Enter)</source>
        <translation>入力したものを開く (Enter)</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>選択…</translation>
    </message>
    <message>
        <source>Look for a folder or a file (Ctrl+O)</source>
        <translation>フォルダーかファイルを選ぶ (Ctrl+O)</translation>
    </message>
    <message>
        <source>Drop a folder or a file here</source>
        <translation>フォルダーかファイルをここにドロップ</translation>
    </message>
    <message>
        <source>Fine-tuning with an adapter trains two thin matrices A and B beside each frozen matrix W of a model, so that a workstation can train what it could not otherwise hold.</source>
        <translation>アダプターによるファインチューニングでは、モデルの固定された各行列 W の横で、二つの細い行列 A と B を学習します。そのままでは載りきらないモデルも、ワークステーションで学習できます。</translation>
    </message>
    <message>
        <source>LoRA begins with A at random and B at zero; PiSSA begins with the largest singular values of W and their vectors, and freezes what is left of W.</source>
        <translation>LoRA は A を乱数、B をゼロから始めます。PiSSA は W の大きい特異値とその特異ベクトルから始め、W の残りを固定します。</translation>
    </message>
    <message>
        <source>The result is an adapter like LoRA&apos;s; the loss falls faster because what trains first is what matters most, and this program shows by how much on your data.</source>
        <translation>得られるのは LoRA と同じ形のアダプターです。最も重要な成分から学習するため損失が速く下がります。どれだけ速いかを、このプログラムが自分のデータで示します。</translation>
    </message>
    <message>
        <source>Meng, Wang, Zhang: PiSSA, arXiv 2404.02948</source>
        <translation>Meng, Wang, Zhang: PiSSA, arXiv 2404.02948</translation>
    </message>
    <message>
        <source>What the demo does</source>
        <translation>デモの内容</translation>
    </message>
    <message>
        <source>with a small model that is at hand, and rows that come with the program</source>
        <translation>手元の小さなモデルと、プログラム付属のデータを使います</translation>
    </message>
    <message>
        <source>Reads a model&apos;s headers and its tokenizer</source>
        <translation>モデルのヘッダーとトークナイザーを読み込みます</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>見る</translation>
    </message>
    <message>
        <source>Draws the spectra of its matrices</source>
        <translation>行列のスペクトルを描きます</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>学習</translation>
    </message>
    <message numerus="yes">
        <source>Trains PiSSA and LoRA, %1 steps each</source>
        <translation>
            <numerusform>PiSSA と LoRA を %1 ステップずつ学習します</numerusform>
        </translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比較</translation>
    </message>
    <message>
        <source>Shows both losses and their difference</source>
        <translation>両方の損失とその差を示します</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>続ける</translation>
    </message>
    <message>
        <source>Offers to export, to ask the model, or your own data</source>
        <translation>書き出す、モデルに質問する、自分のデータを使う、から選べます</translation>
    </message>
    <message>
        <source>This machine</source>
        <translation>このマシン</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>プロセッサ</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>メモリ</translation>
    </message>
    <message>
        <source>Accelerator</source>
        <translation>アクセラレーター</translation>
    </message>
    <message>
        <source>none found</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>Models at hand…</source>
        <translation>手元のモデル…</translation>
    </message>
    <message>
        <source>The models on this machine, of the Hugging Face cache, LM Studio and Ollama (Ctrl+Shift+M)</source>
        <translation>このマシンにあるモデル: Hugging Face キャッシュ、LM Studio、Ollama など (Ctrl+Shift+M)</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::FormWords</name>
    <message numerus="yes">
        <source>%1 steps</source>
        <translation>
            <numerusform>%1 ステップ</numerusform>
        </translation>
    </message>
    <message>
        <source>constant</source>
        <translation>一定</translation>
    </message>
    <message>
        <source>linear</source>
        <translation>線形</translation>
    </message>
    <message>
        <source>cosine</source>
        <translation>コサイン</translation>
    </message>
    <message>
        <source>Train %1</source>
        <translation>%1 を学習</translation>
    </message>
    <message>
        <source>Train every weight</source>
        <translation>すべての重みを学習</translation>
    </message>
    <message numerus="yes">
        <source>Train with %n twins</source>
        <translation>
            <numerusform>ツイン %n 件と学習</numerusform>
        </translation>
    </message>
    <message>
        <source>Train with %1 twin</source>
        <translation>%1 ツインと学習</translation>
    </message>
    <message>
        <source>full</source>
        <translation>全重み</translation>
    </message>
    <message numerus="yes">
        <source>%1 rows</source>
        <translation>
            <numerusform>%1 行</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens a row</source>
        <translation>
            <numerusform>平均 %1 トークン/行</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 cut at %2</source>
        <translation>%1 が %2 で切り詰め</translation>
    </message>
    <message>
        <source>%1 left out</source>
        <translation>%1 行を除外</translation>
    </message>
    <message>
        <source>every parameter, embeddings and norms too: %1</source>
        <translation>埋め込みと正規化を含む全パラメーター: %1</translation>
    </message>
    <message numerus="yes">
        <source>%1 matrices</source>
        <translation>
            <numerusform>行列 %1 個</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 parameters</source>
        <translation>
            <numerusform>パラメーター %1 個</numerusform>
        </translation>
    </message>
    <message>
        <source>must be at most %1: %2 is %3 × %4</source>
        <translation>%1 以下にしてください: %2 は %3 × %4 です</translation>
    </message>
    <message>
        <source>matrices of %1 in %2, %3 of bfloat16</source>
        <translation>%1 の行列を %2 に(bfloat16 の %3)</translation>
    </message>
    <message numerus="yes">
        <source>rank map of %1 matrices, ranks %2 to %3</source>
        <translation>
            <numerusform>行列 %1 個のランクマップ、ランク %2〜%3</numerusform>
        </translation>
    </message>
    <message>
        <source>slice: minor triplets</source>
        <translation>スライス: 最小の特異三つ組</translation>
    </message>
    <message>
        <source>slice: middle triplets</source>
        <translation>スライス: 中間の特異三つ組</translation>
    </message>
    <message>
        <source>slice: triplets from %1 of the spectrum on</source>
        <translation>スライス: スペクトルの %1 から先の特異三つ組</translation>
    </message>
    <message>
        <source>LoRA-sized: PiSSA&apos;s best rate is 3–10× below LoRA&apos;s</source>
        <translation>LoRA 向けの大きさです: PiSSA の最適な学習率は LoRA の 1/3〜1/10</translation>
    </message>
    <message>
        <source>PiSSA-sized: LoRA&apos;s best rate is 3–10× above PiSSA&apos;s</source>
        <translation>PiSSA 向けの大きさです: LoRA の最適な学習率は PiSSA の 3〜10 倍</translation>
    </message>
    <message>
        <source>low for LoRA: its best rate is 3–10× above PiSSA&apos;s</source>
        <translation>LoRA には小さめです: 最適な学習率は PiSSA の 3〜10 倍</translation>
    </message>
    <message numerus="yes">
        <source>%1 epochs</source>
        <translation>
            <numerusform>%1 エポック</numerusform>
        </translation>
    </message>
    <message>
        <source>Goes on when this window closes or crashes.</source>
        <translation>このウィンドウを閉じても、異常終了しても続きます。</translation>
    </message>
    <message>
        <source>Ends with this window.</source>
        <translation>このウィンドウとともに終わります。</translation>
    </message>
    <message>
        <source>A crash of the run costs at most %1 or %2.</source>
        <translation>学習が異常終了しても、失うのは最大で %1 または %2 です。</translation>
    </message>
    <message>
        <source>A crash of the run costs at most %1.</source>
        <translation>学習が異常終了しても、失うのは最大で %1 です。</translation>
    </message>
    <message>
        <source>A crash of the run costs all of it: no checkpoint before the end.</source>
        <translation>学習が異常終了するとすべて失われます: 終了までチェックポイントがありません。</translation>
    </message>
    <message>
        <source>rate %1 %2</source>
        <translation>学習率 %1(%2)</translation>
    </message>
    <message>
        <source>warm-up %1</source>
        <translation>ウォームアップ %1</translation>
    </message>
    <message>
        <source>rank %1</source>
        <translation>ランク %1</translation>
    </message>
    <message>
        <source>rank map</source>
        <translation>ランクマップ</translation>
    </message>
    <message>
        <source>alpha %1</source>
        <translation>α %1</translation>
    </message>
    <message>
        <source>batch %1 × %2</source>
        <translation>バッチ %1 × %2</translation>
    </message>
    <message>
        <source>batch %1</source>
        <translation>バッチ %1</translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 トークン</numerusform>
        </translation>
    </message>
    <message>
        <source>seed %1</source>
        <translation>シード %1</translation>
    </message>
    <message>
        <source>must be a whole number from %1 to %2, found %3</source>
        <translation>%1 から %2 までの整数を指定してください(現在 %3)</translation>
    </message>
    <message>
        <source>must be above %1 and at most %2, found %3</source>
        <translation>%1 より大きく %2 以下にしてください(現在 %3)</translation>
    </message>
    <message>
        <source>must be at least %1 and at most %2, found %3</source>
        <translation>%1 以上 %2 以下にしてください(現在 %3)</translation>
    </message>
    <message>
        <source>%1 · about %2</source>
        <translation>%1 · 約 %2</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::Format</name>
    <message>
        <source>%1 ms</source>
        <translation>%1 ミリ秒</translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 秒</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 分</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 時間</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 時間 %2 分</translation>
    </message>
    <message>
        <source>%1 d %2 h</source>
        <translation>%1 日 %2 時間</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::GuardedApplication</name>
    <message>
        <source>There is not enough memory for this; close other programs, or open a smaller model</source>
        <translation>メモリが足りません。ほかのプログラムを閉じるか、より小さいモデルを開いてください</translation>
    </message>
    <message>
        <source>An exception without a text</source>
        <translation>説明のない例外</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::GuideWindow</name>
    <message>
        <source>‹ Back</source>
        <translation>‹ 戻る</translation>
    </message>
    <message>
        <source>Guide</source>
        <translation>ガイド</translation>
    </message>
    <message>
        <source>The guide</source>
        <translation>ガイド</translation>
    </message>
    <message>
        <source>The page before</source>
        <translation>前のページ</translation>
    </message>
    <message>
        <source>All pages</source>
        <translation>すべてのページ</translation>
    </message>
    <message>
        <source>All pages of the guide</source>
        <translation>ガイドのすべてのページ</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::HeatCard</name>
    <message>
        <source>Energy kept at r = %1</source>
        <translation>r = %1 での保持エネルギー</translation>
    </message>
    <message>
        <source>energy kept</source>
        <translation>保持エネルギー</translation>
    </message>
    <message>
        <source>Share of Σσ² that the rank keeps</source>
        <translation>Σσ² のうち、そのランクで保たれる割合</translation>
    </message>
    <message>
        <source>Energy kept by the map</source>
        <translation>ランクマップの保持エネルギー</translation>
    </message>
    <message>
        <source>Nuclear share at r = %1</source>
        <translation>r = %1 での核ノルムの割合</translation>
    </message>
    <message>
        <source>nuclear share</source>
        <translation>核ノルムの割合</translation>
    </message>
    <message>
        <source>Share of Σσ that the rank keeps</source>
        <translation>Σσ のうち、そのランクで保たれる割合</translation>
    </message>
    <message>
        <source>Nuclear share by the map</source>
        <translation>ランクマップでの核ノルムの割合</translation>
    </message>
    <message>
        <source>Residual norm at r = %1</source>
        <translation>r = %1 での残差ノルム</translation>
    </message>
    <message>
        <source>residual norm</source>
        <translation>残差ノルム</translation>
    </message>
    <message>
        <source>‖W − W_r‖ (Frobenius) of the best rank-r part</source>
        <translation>ランク r の最良近似との差 ‖W − W_r‖(フロベニウス)</translation>
    </message>
    <message>
        <source>Residual norm by the map</source>
        <translation>ランクマップでの残差ノルム</translation>
    </message>
    <message>
        <source>Stable rank</source>
        <translation>安定ランク</translation>
    </message>
    <message>
        <source>stable rank</source>
        <translation>安定ランク</translation>
    </message>
    <message>
        <source>‖W‖² (Frobenius) / σ₁²</source>
        <translation>‖W‖²(フロベニウス)/ σ₁²</translation>
    </message>
    <message>
        <source>Effective rank</source>
        <translation>有効ランク</translation>
    </message>
    <message>
        <source>effective rank</source>
        <translation>有効ランク</translation>
    </message>
    <message>
        <source>exp of the entropy of σ/Σσ</source>
        <translation>σ/Σσ のエントロピーの exp</translation>
    </message>
    <message>
        <source>Condition number</source>
        <translation>条件数</translation>
    </message>
    <message>
        <source>condition number</source>
        <translation>条件数</translation>
    </message>
    <message>
        <source>σ₁ / σ_K, coloured by its logarithm</source>
        <translation>σ₁ / σ_K。色は対数で表示</translation>
    </message>
    <message>
        <source>Decay exponent</source>
        <translation>減衰指数</translation>
    </message>
    <message>
        <source>decay exponent</source>
        <translation>減衰指数</translation>
    </message>
    <message>
        <source>a in σ_i ≈ c · i^−a, fitted by octaves</source>
        <translation>σ_i ≈ c · i^−a の a、オクターブごとに当てはめ</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>ランク</translation>
    </message>
    <message>
        <source>rank</source>
        <translation>ランク</translation>
    </message>
    <message>
        <source>The rank of each matrix: of the map, or the one for all</source>
        <translation>各行列のランク: ランクマップの値、または全行列に共通の値</translation>
    </message>
    <message>
        <source>Change by fine-tuning</source>
        <translation>ファインチューニングによる変化</translation>
    </message>
    <message>
        <source>change ‖ΔW‖/‖W‖</source>
        <translation>変化 ‖ΔW‖/‖W‖</translation>
    </message>
    <message>
        <source>‖ΔW‖ / ‖W‖ (Frobenius); needs a model to compare with</source>
        <translation>‖ΔW‖ / ‖W‖(フロベニウス)。比べるモデルが必要です</translation>
    </message>
    <message>
        <source>Energy kept</source>
        <translation>保持エネルギー</translation>
    </message>
    <message>
        <source>Copy picture</source>
        <translation>画像をコピー</translation>
    </message>
    <message>
        <source>Copy numbers as CSV</source>
        <translation>数値を CSV でコピー</translation>
    </message>
    <message>
        <source>Export %1…</source>
        <translation>%1 に書き出す…</translation>
    </message>
    <message>
        <source>Measure of the map</source>
        <translation>マップの指標</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>変化</translation>
    </message>
    <message>
        <source>Matrices by layer and module</source>
        <translation>層とモジュールごとの行列</translation>
    </message>
    <message>
        <source>Export %1</source>
        <translation>%1 に書き出す</translation>
    </message>
    <message>
        <source>not computed yet</source>
        <translation>まだ計算していません</translation>
    </message>
    <message>
        <source>energy kept at r = %1: %2
stable rank %3 · effective rank %4
condition number %5 · decay exponent %6</source>
        <translation>r = %1 での保持エネルギー: %2
安定ランク %3 · 有効ランク %4
条件数 %5 · 減衰指数 %6</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::HeatMap</name>
    <message>
        <source>to %1</source>
        <translation>最大 %1</translation>
    </message>
    <message>
        <source>from %1</source>
        <translation>最小 %1</translation>
    </message>
    <message>
        <source>no value yet</source>
        <translation>まだ値がありません</translation>
    </message>
    <message>
        <source>from %1 to %2</source>
        <translation>%1 から %2</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::HelpDialog</name>
    <message>
        <source>no key</source>
        <translation>キーなし</translation>
    </message>
    <message>
        <source>In a plot</source>
        <translation>グラフの操作</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>拡大・縮小</translation>
    </message>
    <message>
        <source>wheel, + and −</source>
        <translation>ホイール、+ と −</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>移動</translation>
    </message>
    <message>
        <source>drag, Page Up and Page Down</source>
        <translation>ドラッグ、Page Up と Page Down</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>全体を表示</translation>
    </message>
    <message>
        <source>Home</source>
        <translation>Home</translation>
    </message>
    <message>
        <source>Read another curve</source>
        <translation>別の曲線を読む</translation>
    </message>
    <message>
        <source>↑ and ↓</source>
        <translation>↑ と ↓</translation>
    </message>
    <message>
        <source>Read its points, or move the rank</source>
        <translation>点を読む、またはランクを動かす</translation>
    </message>
    <message>
        <source>← and →, with Shift by ten</source>
        <translation>← と →、Shift で 10 ずつ</translation>
    </message>
    <message>
        <source>Read its points where the arrows move the rank</source>
        <translation>矢印キーでランクを動かすグラフで点を読む</translation>
    </message>
    <message>
        <source>Ctrl+← and Ctrl+→</source>
        <translation>Ctrl+← と Ctrl+→</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>検索</translation>
    </message>
    <message>
        <source>Methods</source>
        <translation>手法</translation>
    </message>
    <message>
        <source>Adapter</source>
        <translation>アダプター</translation>
    </message>
    <message>
        <source>Two thin matrices A and B beside a frozen matrix W: W + (α / r) B A is what computes. Only they train.</source>
        <translation>固定された行列 W の横に置く二つの細い行列 A と B。計算には W + (α / r) B A を使い、学習するのは A と B だけです。</translation>
    </message>
    <message>
        <source>LoRA</source>
        <translation>LoRA</translation>
    </message>
    <message>
        <source>Begins with A at random and B at zero, on W as it is.</source>
        <translation>A は乱数、B はゼロから始まり、W はそのままです。</translation>
    </message>
    <message>
        <source>PiSSA</source>
        <translation>PiSSA</translation>
    </message>
    <message>
        <source>Begins with the largest singular values of W and their vectors; what is left of W, the residual, is frozen.</source>
        <translation>W の大きい特異値とその特異ベクトルから始まります。W の残り(残差)は固定されます。</translation>
    </message>
    <message>
        <source>QLoRA, QPiSSA, LoftQ</source>
        <translation>QLoRA, QPiSSA, LoftQ</translation>
    </message>
    <message>
        <source>The frozen matrix is kept in four bits; they differ in how adapter and four bits are made to fit.</source>
        <translation>固定された行列を 4 ビットで保持します。アダプターと 4 ビットの合わせ方が異なります。</translation>
    </message>
    <message>
        <source>Twin</source>
        <translation>ツイン</translation>
    </message>
    <message>
        <source>A second run beside the first: the same model, batches and settings with another method, so that only the method differs.</source>
        <translation>並べて学習するもう一つの実行。モデル、バッチ、設定は同じで、手法だけが異なります。</translation>
    </message>
    <message>
        <source>Ranks and spectra</source>
        <translation>ランクとスペクトル</translation>
    </message>
    <message>
        <source>Rank r</source>
        <translation>ランク r</translation>
    </message>
    <message>
        <source>How thin A and B are: columns of B, rows of A.</source>
        <translation>A と B の細さ: B の列数、A の行数。</translation>
    </message>
    <message>
        <source>Spectrum</source>
        <translation>スペクトル</translation>
    </message>
    <message>
        <source>The singular values of a matrix, from the largest on.</source>
        <translation>行列の特異値を大きい順に並べたもの。</translation>
    </message>
    <message>
        <source>Energy kept</source>
        <translation>保持エネルギー</translation>
    </message>
    <message>
        <source>Sum of the squares of the first r singular values over that of all.</source>
        <translation>先頭 r 個の特異値の二乗和の、全体の二乗和に対する割合。</translation>
    </message>
    <message>
        <source>Slice</source>
        <translation>範囲</translation>
    </message>
    <message>
        <source>Which singular values become the adapter: the largest, the smallest, or those between.</source>
        <translation>どの特異値をアダプターにするか: 最大のもの、最小のもの、またはその間。</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>実行</translation>
    </message>
    <message>
        <source>Step 0</source>
        <translation>ステップ 0</translation>
    </message>
    <message>
        <source>Before anything trains the model with its fresh adapter is compared with the base: both have to say the same.</source>
        <translation>学習の前に、学習前のアダプターを付けたモデルをベースと比べます。両者の出力は一致しなければなりません。</translation>
    </message>
    <message>
        <source>Accumulation</source>
        <translation>勾配蓄積</translation>
    </message>
    <message>
        <source>Micro-batches whose gradients are summed before one step.</source>
        <translation>1 ステップの前に勾配を合計するマイクロバッチ。</translation>
    </message>
    <message>
        <source>Held-out loss</source>
        <translation>検証損失</translation>
    </message>
    <message>
        <source>The loss on rows that training never sees.</source>
        <translation>学習に使わない行での損失。</translation>
    </message>
    <message>
        <source>Patience</source>
        <translation>早期終了</translation>
    </message>
    <message>
        <source>After so many evaluations without a better held-out loss the run ends.</source>
        <translation>検証損失が改善しない評価がこの回数続くと、学習を終えます。</translation>
    </message>
    <message>
        <source>Checkpoint</source>
        <translation>チェックポイント</translation>
    </message>
    <message>
        <source>All that a run needs to go on from a step: after a crash, or later.</source>
        <translation>あるステップから続けるのに必要なものすべて。異常終了のあとでも、後日でも続けられます。</translation>
    </message>
    <message>
        <source>Four bits</source>
        <translation>4 ビット</translation>
    </message>
    <message>
        <source>NF4, FP4</source>
        <translation>NF4, FP4</translation>
    </message>
    <message>
        <source>Sixteen levels for each number of a block, beside one scale a block.</source>
        <translation>ブロックの各数に 16 段階の値、ブロックごとに一つのスケール。</translation>
    </message>
    <message>
        <source>Absmax</source>
        <translation>absmax</translation>
    </message>
    <message>
        <source>That scale: the largest size in the block.</source>
        <translation>そのスケール: ブロック内の絶対値の最大値。</translation>
    </message>
    <message>
        <source>Error of QLoRA&apos;s</source>
        <translation>QLoRA に対する誤差</translation>
    </message>
    <message>
        <source>The nuclear norm of what four bits change in a matrix, as a share of what quantizing W itself changes.</source>
        <translation>4 ビット化による行列の変化の核ノルム。W 自体を量子化したときの変化に対する割合です。</translation>
    </message>
    <message>
        <source>T</source>
        <translation>T</translation>
    </message>
    <message>
        <source>How often quantizing and fitting the adapter alternate.</source>
        <translation>量子化とアダプターの当てはめを交互に繰り返す回数。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::HowFields</name>
    <message>
        <source>Choice of the next token</source>
        <translation>次のトークンの選び方</translation>
    </message>
    <message>
        <source>greedy</source>
        <translation>貪欲法</translation>
    </message>
    <message>
        <source>sampled</source>
        <translation>サンプリング</translation>
    </message>
    <message>
        <source>Answers to each question, for pass@k; of tasks whose answers are written</source>
        <translation>pass@k のための、1 問あたりの回答数(回答を書かせるタスク用)</translation>
    </message>
    <message>
        <source>Temperature: below 1 the likely tokens are preferred</source>
        <translation>温度: 1 より低いと、確率の高いトークンが選ばれやすくなります</translation>
    </message>
    <message>
        <source>Seed: the same one gives the same answers</source>
        <translation>シード: 同じ値なら同じ回答になります</translation>
    </message>
    <message>
        <source>The first so many questions of each task; 0: all</source>
        <translation>各タスクで先頭から使う問題の数。0 ならすべて</translation>
    </message>
    <message>
        <source>New tokens of an answer, at most</source>
        <translation>回答の新しいトークンの上限</translation>
    </message>
    <message>
        <source>Whose score is the score; the other rules are told beside it</source>
        <translation>スコアとする採点規則。ほかの規則の結果は併記されます</translation>
    </message>
    <message>
        <source>What stands around a question</source>
        <translation>問題を当てはめるテンプレート</translation>
    </message>
    <message>
        <source>all</source>
        <translation>すべて</translation>
    </message>
    <message>
        <source>of the paper</source>
        <translation>論文の規則</translation>
    </message>
    <message>
        <source>chat</source>
        <translation>チャット</translation>
    </message>
    <message>
        <source>plain</source>
        <translation>原文</translation>
    </message>
    <message>
        <source>Decoding</source>
        <translation>デコード</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>サンプル数</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>シード</translation>
    </message>
    <message>
        <source>Questions</source>
        <translation>問題数</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>規則</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>プロンプト</translation>
    </message>
    <message>
        <source>New tokens</source>
        <translation>新規トークン</translation>
    </message>
    <message>
        <source>The number of questions %1</source>
        <translation>問題数: %1</translation>
    </message>
    <message>
        <source>The number of new tokens %1</source>
        <translation>新しいトークンの数: %1</translation>
    </message>
    <message>
        <source>The number of samples %1</source>
        <translation>サンプル数: %1</translation>
    </message>
    <message>
        <source>The temperature %1</source>
        <translation>温度: %1</translation>
    </message>
    <message>
        <source>The seed %1</source>
        <translation>シード: %1</translation>
    </message>
    <message>
        <source>Alpaca</source>
        <translation>Alpaca</translation>
    </message>
    <message>
        <source>As PiSSA&apos;s recipe trains</source>
        <translation>PiSSA の手順で学習するときの形式</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::JobBridge</name>
    <message>
        <source>Waits for the training to end</source>
        <translation>学習の終了を待っています</translation>
    </message>
    <message>
        <source>Waits for other work to end</source>
        <translation>ほかの作業の終了を待っています</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::JudgeCard</name>
    <message>
        <source>Judge</source>
        <translation>判定</translation>
    </message>
    <message>
        <source>Tell the result</source>
        <translation>結果を表示</translation>
    </message>
    <message>
        <source>blind, side by side: the sides are drawn anew for each question</source>
        <translation>ブラインド比較: 左右は問題ごとに選び直されます</translation>
    </message>
    <message>
        <source>What the votes come to so far, with the models&apos; names</source>
        <translation>これまでの票の結果を、モデルの名前とともに表示</translation>
    </message>
    <message>
        <source>Which two models are judged</source>
        <translation>判定する二つのモデル</translation>
    </message>
    <message>
        <source>Questions that are judged</source>
        <translation>判定済みの問題</translation>
    </message>
    <message>
        <source>The question before</source>
        <translation>前の問題</translation>
    </message>
    <message>
        <source>The next question</source>
        <translation>次の問題</translation>
    </message>
    <message>
        <source>A</source>
        <translation>A</translation>
    </message>
    <message>
        <source>B</source>
        <translation>B</translation>
    </message>
    <message>
        <source>Answer %1</source>
        <translation>回答 %1</translation>
    </message>
    <message>
        <source>A better</source>
        <translation>A が良い</translation>
    </message>
    <message>
        <source>Tie</source>
        <translation>引き分け</translation>
    </message>
    <message>
        <source>B better</source>
        <translation>B が良い</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>%1 and %2</source>
        <translation>%1 と %2</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 judged</source>
        <translation>
            <numerusform>%2 問中 %1 問を判定</numerusform>
        </translation>
    </message>
    <message>
        <source>Two models are judged beside one another: evaluate another one with it.</source>
        <translation>二つのモデルを並べて判定します。もう一つのモデルも評価してください。</translation>
    </message>
    <message>
        <source>No question is answered by both yet.</source>
        <translation>両方が答えた問題はまだありません。</translation>
    </message>
    <message>
        <source>Question %1, %2</source>
        <translation>問題 %1、%2</translation>
    </message>
    <message>
        <source>Judged: tie</source>
        <translation>判定: 引き分け</translation>
    </message>
    <message>
        <source>Judged: A better</source>
        <translation>判定: A が良い</translation>
    </message>
    <message>
        <source>Judged: B better</source>
        <translation>判定: B が良い</translation>
    </message>
    <message>
        <source>Nothing is judged yet.</source>
        <translation>判定はまだありません。</translation>
    </message>
    <message>
        <source>%1 better: %2, %3 better: %4, ties: %5.</source>
        <translation>%1 が良い: %2、%3 が良い: %4、引き分け: %5。</translation>
    </message>
    <message numerus="yes">
        <source>%1 Too few to tell: %2 votes are no ties.</source>
        <translation>
            <numerusform>%1 判断するには少なすぎます: 引き分けを除くと %2 票です。</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 %2 won %3 of those that are no ties (95 % interval from %4 to %5); sign test, exact, two-sided: %6.</source>
        <translation>%1 引き分けを除くと、%2 の勝率は %3 です(95 % 区間は %4 から %5)。符号検定、正確、両側: %6。</translation>
    </message>
    <message>
        <source>Hide the result</source>
        <translation>結果を隠す</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::LengthPlot</name>
    <message>
        <source>Rows by length, and where they are cut</source>
        <translation>長さごとの行数と、切り詰める位置</translation>
    </message>
    <message>
        <source>Drag the line, or move it by the arrow keys: where rows are cut</source>
        <translation>行を切り詰める位置。線をドラッグするか、矢印キーで動かします</translation>
    </message>
    <message>
        <source>Lengths come here once rows are in tokens.</source>
        <translation>行をトークン化すると、ここに長さの分布が表示されます。</translation>
    </message>
    <message>
        <source>tokens; the last bar has longer rows, too</source>
        <translation>トークン数。最後の棒はそれより長い行も含みます</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>トークン数</translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens and more</source>
        <translation>
            <numerusform>%1 トークン以上</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 to %2 tokens</source>
        <translation>
            <numerusform>%1–%2 トークン</numerusform>
        </translation>
    </message>
    <message>
        <source>rows</source>
        <translation>行</translation>
    </message>
    <message numerus="yes">
        <source>%1 rows, cut at %2 tokens</source>
        <translation>
            <numerusform>%1 行、%2 トークンで切り詰め</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::LinePlot</name>
    <message>
        <source>%1: the ending “.%2” is no format of a plot (expected .png, .pdf, .svg or .csv); choose another name</source>
        <translation>%1: 拡張子「.%2」はグラフの形式ではありません(.png、.pdf、.svg、.csv のいずれか)。別の名前を選んでください</translation>
    </message>
    <message>
        <source>Copy picture</source>
        <translation>画像をコピー</translation>
    </message>
    <message>
        <source>Copy data as CSV</source>
        <translation>データを CSV でコピー</translation>
    </message>
    <message>
        <source>Export %1…</source>
        <translation>%1 に書き出す…</translation>
    </message>
    <message>
        <source>Show everything	Home</source>
        <translation>全体を表示	Home</translation>
    </message>
    <message>
        <source>Export %1</source>
        <translation>%1 に書き出す</translation>
    </message>
    <message>
        <source>curve %1</source>
        <translation>曲線 %1</translation>
    </message>
    <message>
        <source>no point</source>
        <translation>点なし</translation>
    </message>
    <message>
        <source>%1, curves: %2, from %3 to %4</source>
        <translation>%1、曲線: %2、%3 から %4 まで</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::LossCard</name>
    <message>
        <source>Smoothing</source>
        <translation>平滑化</translation>
    </message>
    <message>
        <source>raw</source>
        <translation>生の値</translation>
    </message>
    <message>
        <source>smooth %1</source>
        <translation>平滑 %1</translation>
    </message>
    <message>
        <source>Horizontal axis</source>
        <translation>横軸</translation>
    </message>
    <message>
        <source>step</source>
        <translation>ステップ</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>トークン</translation>
    </message>
    <message>
        <source>time</source>
        <translation>時間</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>書き出し</translation>
    </message>
    <message>
        <source>Export the plot %1</source>
        <translation>グラフ「%1」を書き出す</translation>
    </message>
    <message>
        <source>Copy, or save as PNG, PDF, SVG or CSV</source>
        <translation>コピー、または PNG、PDF、SVG、CSV で保存</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::Machine</name>
    <message>
        <source>Could not find out what this machine has</source>
        <translation>このマシンの構成を調べられませんでした</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::MainWindow</name>
    <message>
        <source>&amp;Model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>&amp;Spectrum</source>
        <translation>スペクトル</translation>
    </message>
    <message>
        <source>&amp;Quantize</source>
        <translation>量子化</translation>
    </message>
    <message>
        <source>&amp;Train</source>
        <translation>学習</translation>
    </message>
    <message>
        <source>&amp;Runs</source>
        <translation>実行結果</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>ファイル(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Open model…</source>
        <translation>モデルを開く(&amp;O)…</translation>
    </message>
    <message>
        <source>Open model &amp;folder…</source>
        <translation>モデルのフォルダーを開く(&amp;F)…</translation>
    </message>
    <message>
        <source>&amp;Recent models</source>
        <translation>最近使ったモデル(&amp;R)</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>消去</translation>
    </message>
    <message>
        <source>Open &amp;data…</source>
        <translation>データを開く(&amp;D)…</translation>
    </message>
    <message>
        <source>&amp;Add a folder with runs…</source>
        <translation>実行結果のフォルダーを追加(&amp;A)…</translation>
    </message>
    <message>
        <source>As&amp;k before closing on a run in this window</source>
        <translation>このウィンドウで学習中に閉じるときは確認する(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>終了(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>編集(&amp;E)</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>元に戻す</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>やり直す</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>テーマ(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Follow the system</source>
        <translation>システムに合わせる(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>ライト(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>ダーク(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Switch light and dark</source>
        <translation>ライトとダークを切り替える(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>表示(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Full screen</source>
        <translation>フルスクリーン(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>ヘルプ(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Keyboard</source>
        <translation>キーボード(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;About Pissarro</source>
        <translation>Pissarro について(&amp;A)</translation>
    </message>
    <message>
        <source>Drop a model folder, a .gguf file, a .jsonl data file or a run folder</source>
        <translation>モデルのフォルダー、.gguf ファイル、.jsonl データ、実行フォルダーをここにドロップ</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>Something in this window failed; it goes on</source>
        <translation>このウィンドウで問題が起きましたが、続行しています</translation>
    </message>
    <message>
        <source>%1
A run in training goes on too. Logged in %2</source>
        <translation>%1
実行中の学習も続いています。記録先: %2</translation>
    </message>
    <message>
        <source>Could not export the plot</source>
        <translation>グラフを書き出せませんでした</translation>
    </message>
    <message>
        <source>%1 – Pissarro</source>
        <translation>%1 – Pissarro</translation>
    </message>
    <message>
        <source>Pissarro</source>
        <translation>Pissarro</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>保存しました</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>フォルダーを開く</translation>
    </message>
    <message>
        <source>The folder was not opened</source>
        <translation>フォルダーを開けませんでした</translation>
    </message>
    <message>
        <source>Cannot open %1</source>
        <translation>%1 を開けません</translation>
    </message>
    <message>
        <source>Open model: a folder or a file</source>
        <translation>モデルを開く: フォルダーまたはファイル</translation>
    </message>
    <message>
        <source>Models (*.gguf config.json *.safetensors *.safetensors.index.json)</source>
        <translation>モデル (*.gguf config.json *.safetensors *.safetensors.index.json)</translation>
    </message>
    <message>
        <source>Open model folder</source>
        <translation>モデルのフォルダーを開く</translation>
    </message>
    <message>
        <source>Open data</source>
        <translation>データを開く</translation>
    </message>
    <message>
        <source>Add a folder with runs</source>
        <translation>実行結果のフォルダーを追加</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>キーボード</translation>
    </message>
    <message>
        <source>Pissarro %1</source>
        <translation>Pissarro %1</translation>
    </message>
    <message>
        <source>A workbench for principal-component fine-tuning (PiSSA, arXiv 2404.02948). Free software under the GNU GPL, version 3 or later.</source>
        <translation>主成分ファインチューニング(PiSSA、arXiv 2404.02948)のためのワークベンチ。GNU GPL バージョン 3 以降の自由ソフトウェアです。</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>設定(&amp;S)…</translation>
    </message>
    <message>
        <source>&amp;Chat</source>
        <translation>チャット</translation>
    </message>
    <message>
        <source>Com&amp;pare</source>
        <translation>比較</translation>
    </message>
    <message>
        <source>S&amp;weep</source>
        <translation>スイープ(&amp;W)</translation>
    </message>
    <message>
        <source>Ev&amp;aluate</source>
        <translation>評価(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Guide</source>
        <translation>ガイド(&amp;G)</translation>
    </message>
    <message>
        <source>&amp;Is it better?</source>
        <translation>本当に良いのか(&amp;I)</translation>
    </message>
    <message>
        <source>What the &amp;words mean</source>
        <translation>用語の意味(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;First steps and the demo</source>
        <translation>最初の一歩とデモ(&amp;F)</translation>
    </message>
    <message>
        <source>What the words mean</source>
        <translation>用語の意味</translation>
    </message>
    <message>
        <source>&amp;Data</source>
        <translation>データ</translation>
    </message>
    <message>
        <source>%1: this is neither a model (a folder with config.json, or a .gguf file), nor data (.jsonl, .json, .csv, .tsv), nor a run (run.json, trainer_state.json, trainer_log.jsonl, TensorBoard&apos;s event files).</source>
        <translation>%1: モデル(config.json のあるフォルダー、または .gguf ファイル)でも、データ(.jsonl、.json、.csv、.tsv)でも、実行(run.json、trainer_state.json、trainer_log.jsonl、TensorBoard のイベントファイル)でもありません。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::MatrixCard</name>
    <message>
        <source>%1: mean %2, deviation %3 · Student ν %4, scale %5</source>
        <translation>%1: 平均 %2、標準偏差 %3 · t 分布 ν %4、尺度 %5</translation>
    </message>
    <message>
        <source>Matrix</source>
        <translation>行列</translation>
    </message>
    <message>
        <source>What is shown</source>
        <translation>表示内容</translation>
    </message>
    <message>
        <source>entries</source>
        <translation>要素</translation>
    </message>
    <message>
        <source>spectra</source>
        <translation>スペクトル</translation>
    </message>
    <message>
        <source>blocks</source>
        <translation>ブロック</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>手法</translation>
    </message>
    <message>
        <source>The selected matrix</source>
        <translation>選択した行列</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>再試行</translation>
    </message>
    <message>
        <source>layer %1 · %2, %3 × %4</source>
        <translation>第 %1 層 · %2、%3 × %4</translation>
    </message>
    <message>
        <source>Select a matrix in the map.</source>
        <translation>マップで行列を選んでください。</translation>
    </message>
    <message>
        <source>Decomposing…</source>
        <translation>分解中…</translation>
    </message>
    <message>
        <source>entry</source>
        <translation>要素</translation>
    </message>
    <message>
        <source>density</source>
        <translation>密度</translation>
    </message>
    <message>
        <source>W</source>
        <translation>W</translation>
    </message>
    <message>
        <source>W − BA</source>
        <translation>W − BA</translation>
    </message>
    <message>
        <source>Solid: Student&apos;s t. Dashed: normal. Ticks: the levels of %1.</source>
        <translation>実線: t 分布。破線: 正規分布。目盛り: %1 の量子化レベル。</translation>
    </message>
    <message>
        <source>Solid: Student&apos;s t fitted; dashed: the normal of the same mean and deviation; ticks: the sixteen levels times the mean absmax of W − BA, %1</source>
        <translation>実線: 当てはめた t 分布。破線: 平均と標準偏差が同じ正規分布。目盛り: 16 個の量子化レベルに W − BA の absmax の平均 %1 を掛けた値</translation>
    </message>
    <message>
        <source>index i</source>
        <translation>番号 i</translation>
    </message>
    <message>
        <source>singular value σ</source>
        <translation>特異値 σ</translation>
    </message>
    <message>
        <source>%1&apos;s error</source>
        <translation>%1 の誤差</translation>
    </message>
    <message>
        <source>%1&apos;s</source>
        <translation>%1</translation>
    </message>
    <message>
        <source>Σσ of the errors: %1</source>
        <translation>誤差の Σσ: %1</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::MeasureDialog</name>
    <message>
        <source>Measure</source>
        <translation>測定</translation>
    </message>
    <message>
        <source>Perplexity of a text</source>
        <translation>テキストのパープレキシティ</translation>
    </message>
    <message>
        <source>Text to be measured</source>
        <translation>測定するテキスト</translation>
    </message>
    <message>
        <source>Paste a text: how surprising it is for each of the models</source>
        <translation>テキストを貼り付けると、各モデルにとってどれほど意外かを測ります</translation>
    </message>
    <message>
        <source>Measure it under each column (Ctrl+Enter)</source>
        <translation>各列のモデルで測定する (Ctrl+Enter)</translation>
    </message>
    <message>
        <source>Perplexity of the text under each model</source>
        <translation>各モデルでのテキストのパープレキシティ</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>パープレキシティ</translation>
    </message>
    <message>
        <source>Bits per byte</source>
        <translation>ビット/バイト</translation>
    </message>
    <message>
        <source>Reads the text under each model…</source>
        <translation>各モデルでテキストを読んでいます…</translation>
    </message>
    <message>
        <source>Tokenizers that differ make perplexities that cannot be compared; bits per byte can.</source>
        <translation>トークナイザーが異なると、パープレキシティは比べられません。1 バイトあたりのビット数なら比べられます。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::MemoryBar</name>
    <message>
        <source>More than there is, most of it activations: lower the batch or the maximal length, or switch on gradient checkpointing.</source>
        <translation>メモリが足りません。大半は活性化です: バッチか最大行長を小さくするか、勾配チェックポイントを使ってください。</translation>
    </message>
    <message>
        <source>More than there is, most of it weights: choose bfloat16, a method on four bits such as QPiSSA, or train without a twin.</source>
        <translation>メモリが足りません。大半は重みです: bfloat16 か、QPiSSA などの 4 ビットの手法を選ぶか、ツインなしで学習してください。</translation>
    </message>
    <message>
        <source>More than there is, most of it trained weights with their gradients and moments: lower the rank, or train fewer modules.</source>
        <translation>メモリが足りません。大半は学習する重みとその勾配・モーメントです: ランクを下げるか、学習するモジュールを減らしてください。</translation>
    </message>
    <message>
        <source>Memory the run will need</source>
        <translation>学習に必要なメモリ</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>重み</translation>
    </message>
    <message>
        <source>adapters</source>
        <translation>アダプター</translation>
    </message>
    <message>
        <source>optimizer</source>
        <translation>オプティマイザー</translation>
    </message>
    <message>
        <source>activations</source>
        <translation>活性化</translation>
    </message>
    <message>
        <source>program</source>
        <translation>プログラム</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>%1, estimated %2</source>
        <translation>%1(見積もり %2)</translation>
    </message>
    <message>
        <source>This run: peak so far %1</source>
        <translation>この学習: 現在までの最大 %1</translation>
    </message>
    <message>
        <source>Last run: peak %1</source>
        <translation>前回の学習: 最大 %1</translation>
    </message>
    <message>
        <source>Disk: %1</source>
        <translation>ディスク: %1</translation>
    </message>
    <message>
        <source>Disk: %1 needed, %2 free: keep fewer checkpoints, or choose another run folder</source>
        <translation>ディスク: 必要 %1、空き %2: 保持するチェックポイントを減らすか、別の実行フォルダーを選んでください</translation>
    </message>
    <message>
        <source>Disk: %1 (checkpoints %2) of %3 free</source>
        <translation>ディスク: %1(うちチェックポイント %2)、空き %3</translation>
    </message>
    <message>
        <source>Memory at start</source>
        <translation>開始時のメモリ</translation>
    </message>
    <message>
        <source>Memory the run will need: not known, %1</source>
        <translation>学習に必要なメモリ: 不明、%1</translation>
    </message>
    <message>
        <source>Memory the run will need: %1</source>
        <translation>学習に必要なメモリ: %1</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::MeterDialog</name>
    <message>
        <source>exact</source>
        <translation>厳密</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>測定</translation>
    </message>
    <message>
        <source>Error over time</source>
        <translation>時間と誤差</translation>
    </message>
    <message>
        <source>Copy as Markdown</source>
        <translation>Markdown でコピー</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>保存…</translation>
    </message>
    <message>
        <source>Fast SVD measured</source>
        <translation>高速 SVD の測定</translation>
    </message>
    <message>
        <source>What is measured</source>
        <translation>測定するもの</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>結果</translation>
    </message>
    <message>
        <source>Decomposes %1 exactly and with every setting, on one thread: what the randomised SVD saves, and what it misses.</source>
        <translation>%1を、厳密な方法とすべての設定で、1 スレッドで分解します。乱択 SVD で節約できる時間と、失われる精度が分かります。</translation>
    </message>
    <message numerus="yes">
        <source>the %n selected matrices</source>
        <translation>
            <numerusform>選択した %n 個の行列</numerusform>
        </translation>
    </message>
    <message>
        <source>Ranks</source>
        <translation>ランク</translation>
    </message>
    <message>
        <source>Power iterations (niter)</source>
        <translation>べき乗反復 (niter)</translation>
    </message>
    <message>
        <source>Oversampling</source>
        <translation>オーバーサンプリング</translation>
    </message>
    <message>
        <source>Progress of the measurement</source>
        <translation>測定の進み具合</translation>
    </message>
    <message>
        <source>What the table shows</source>
        <translation>表の内容</translation>
    </message>
    <message>
        <source>Subspace error</source>
        <translation>部分空間の誤差</translation>
    </message>
    <message>
        <source>Excess reconstruction error</source>
        <translation>再構成誤差の超過分</translation>
    </message>
    <message>
        <source>Init error, mean |ΔBA|</source>
        <translation>初期化の誤差、|ΔBA| の平均</translation>
    </message>
    <message>
        <source>Time of the whole model, s</source>
        <translation>モデル全体の時間 (秒)</translation>
    </message>
    <message>
        <source>Figure by niter and rank</source>
        <translation>niter とランクごとの数値</translation>
    </message>
    <message>
        <source>seconds for the whole model, one thread</source>
        <translation>モデル全体の秒数、1 スレッド</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>閉じる</translation>
    </message>
    <message>
        <source>Whole numbers with commas between, such as 1, 2, 4</source>
        <translation>整数をコンマで区切ってください。例: 1, 2, 4</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Measuring… It goes on when this dialog is closed.</source>
        <translation>測定中… このダイアログを閉じても続きます。</translation>
    </message>
    <message>
        <source>Measuring: the curves draw here at the end.</source>
        <translation>測定中: 終わると曲線がここに描かれます。</translation>
    </message>
    <message>
        <source>Press Measure</source>
        <translation>「測定」を押してください</translation>
    </message>
    <message>
        <source>r = %1</source>
        <translation>r = %1</translation>
    </message>
    <message>
        <source>r = %1, p = %2</source>
        <translation>r = %1、p = %2</translation>
    </message>
    <message>
        <source>power iterations</source>
        <translation>べき乗反復</translation>
    </message>
    <message>
        <source>Saved as %1</source>
        <translation>%1 に保存しました</translation>
    </message>
    <message>
        <source>Save the measurement</source>
        <translation>測定結果を保存</translation>
    </message>
    <message>
        <source>Markdown, as the paper&apos;s table 6 (*.md);;CSV (*.csv)</source>
        <translation>Markdown、論文の表 6 の形式 (*.md);;CSV (*.csv)</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::MethodLook</name>
    <message>
        <source>The adapter begins as the principal part of each matrix, what is left of the matrix stays frozen.</source>
        <translation>アダプターは各行列の主要成分から始まり、残りの部分は固定されます。</translation>
    </message>
    <message>
        <source>The adapter begins at nothing, beside the frozen model.</source>
        <translation>アダプターは固定されたモデルの横で、ゼロから始まります。</translation>
    </message>
    <message>
        <source>The adapter begins as the leading part of each matrix&apos;s QR decomposition, what is left of the matrix stays frozen.</source>
        <translation>アダプターは各行列の QR 分解の先頭部分から始まり、残りの部分は固定されます。</translation>
    </message>
    <message>
        <source>PiSSA with what is left of each matrix in four bits.</source>
        <translation>各行列の残りを 4 ビットにした PiSSA です。</translation>
    </message>
    <message>
        <source>LoRA beside the model in four bits.</source>
        <translation>4 ビットのモデルに加える LoRA です。</translation>
    </message>
    <message>
        <source>The model in four bits; the adapter begins as the best correction of what that took away.</source>
        <translation>モデルは 4 ビット。アダプターは、量子化で失われた分の最良の補正から始まります。</translation>
    </message>
    <message>
        <source>Every weight trains, there is no adapter.</source>
        <translation>すべての重みを学習し、アダプターは使いません。</translation>
    </message>
    <message>
        <source>%1 and %2</source>
        <comment>methods</comment>
        <translation>%1 と %2</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>methods</comment>
        <translation>%1、%2</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::MetricWords</name>
    <message>
        <source>loss, nats</source>
        <translation>損失 (nats)</translation>
    </message>
    <message>
        <source>held-out loss, nats</source>
        <translation>検証損失 (nats)</translation>
    </message>
    <message>
        <source>gradient norm</source>
        <translation>勾配ノルム</translation>
    </message>
    <message>
        <source>learning rate</source>
        <translation>学習率</translation>
    </message>
    <message>
        <source>tokens/s</source>
        <translation>トークン/秒</translation>
    </message>
    <message>
        <source>peak memory, GB</source>
        <translation>最大メモリ (GB)</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>トークン</translation>
    </message>
    <message>
        <source>epoch</source>
        <translation>エポック</translation>
    </message>
    <message>
        <source>wall time, min</source>
        <translation>実時間 (分)</translation>
    </message>
    <message>
        <source>FLOPs</source>
        <translation>FLOPs</translation>
    </message>
    <message>
        <source>step</source>
        <translation>ステップ</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>損失</translation>
    </message>
    <message>
        <source>Held-out loss</source>
        <translation>検証損失</translation>
    </message>
    <message>
        <source>Gradient norm</source>
        <translation>勾配ノルム</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学習率</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>トークン/秒</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>最大メモリ</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::Model</name>
    <message>
        <source>Could not open %1</source>
        <translation>%1 を開けませんでした</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ModelDialog</name>
    <message>
        <source>Path or id:</source>
        <translation>パスまたは ID:</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ModelPage</name>
    <message>
        <source>Modules</source>
        <translation>モジュール</translation>
    </message>
    <message>
        <source>Layers and modules</source>
        <translation>層とモジュール</translation>
    </message>
    <message>
        <source>Recent models</source>
        <translation>最近使ったモデル</translation>
    </message>
    <message>
        <source>Find modules</source>
        <translation>モジュールを検索</translation>
    </message>
    <message>
        <source>Part of a layer&apos;s or module&apos;s name (Ctrl+F)</source>
        <translation>層かモジュールの名前の一部 (Ctrl+F)</translation>
    </message>
    <message>
        <source>&amp;Find modules</source>
        <translation>モジュールを検索(&amp;F)</translation>
    </message>
    <message>
        <source>Which model shall the demo train?</source>
        <translation>デモで学習するモデルを選んでください</translation>
    </message>
    <message>
        <source>None that is small enough was found here. Open one, and press the button again: those opened last are looked through.</source>
        <translation>十分に小さいモデルが見つかりませんでした。モデルを一つ開いてから、もう一度ボタンを押してください。最近開いたモデルから探します。</translation>
    </message>
    <message>
        <source>Open model…</source>
        <translation>モデルを開く…</translation>
    </message>
    <message>
        <source>The demo did not begin</source>
        <translation>デモを始められませんでした</translation>
    </message>
    <message numerus="yes">
        <source>%1 layers</source>
        <translation>
            <numerusform>%1 層</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>spectra of %1 of %2 matrices</source>
        <translation>
            <numerusform>スペクトル: %2 行列中 %1</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Models at hand</source>
        <translation>手元のモデル(&amp;M)</translation>
    </message>
    <message>
        <source>The models on this machine, where they lie and whether they can be trained here</source>
        <translation>このマシンにあるモデルと、その場所、ここで学習できるかどうか</translation>
    </message>
    <message>
        <source>All models…</source>
        <translation>すべてのモデル…</translation>
    </message>
    <message>
        <source>All models at hand</source>
        <translation>手元のすべてのモデル</translation>
    </message>
    <message>
        <source>The models on this machine (Ctrl+Shift+M)</source>
        <translation>このマシンにあるモデル (Ctrl+Shift+M)</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ModelWords</name>
    <message numerus="yes">
        <source>%1 layers</source>
        <translation>
            <numerusform>%1 層</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 parameters</source>
        <translation>
            <numerusform>パラメーター %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>CPU · %n threads</source>
        <translation>
            <numerusform>CPU · %n スレッド</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ModelsAtHand</name>
    <message>
        <source>Could not look for models</source>
        <translation>モデルを探せませんでした</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ModelsModel</name>
    <message>
        <source>Hugging Face cache</source>
        <translation>Hugging Face キャッシュ</translation>
    </message>
    <message>
        <source>LM Studio</source>
        <translation>LM Studio</translation>
    </message>
    <message>
        <source>Ollama</source>
        <translation>Ollama</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>フォルダー</translation>
    </message>
    <message>
        <source>Opened before</source>
        <translation>以前に開いたもの</translation>
    </message>
    <message>
        <source>tight</source>
        <translation>余裕なし</translation>
    </message>
    <message>
        <source>too big</source>
        <translation>大きすぎ</translation>
    </message>
    <message numerus="yes">
        <source>%1 models</source>
        <translation>
            <numerusform>%1 個のモデル</numerusform>
        </translation>
    </message>
    <message>
        <source>weights %1</source>
        <translation>重み %1</translation>
    </message>
    <message>
        <source>adapters %1</source>
        <translation>アダプター %1</translation>
    </message>
    <message>
        <source>optimizer %1</source>
        <translation>オプティマイザー %1</translation>
    </message>
    <message>
        <source>activations %1</source>
        <translation>活性化 %1</translation>
    </message>
    <message>
        <source>program %1</source>
        <translation>プログラム %1</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>アーキテクチャ</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>パラメーター数</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>型</translation>
    </message>
    <message>
        <source>On disk</source>
        <translation>サイズ</translation>
    </message>
    <message>
        <source>Training, PiSSA r = 16</source>
        <translation>学習、PiSSA r = 16</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>更新日</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ModelsTree</name>
    <message>
        <source>Models at hand</source>
        <translation>手元のモデル</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ModelsView</name>
    <message>
        <source>Which models are shown</source>
        <translation>表示するモデル</translation>
    </message>
    <message>
        <source>Back to the model</source>
        <translation>モデルに戻る</translation>
    </message>
    <message>
        <source>Models at hand</source>
        <translation>手元のモデル</translation>
    </message>
    <message>
        <source>&amp;Add folder…</source>
        <translation>フォルダーを追加(&amp;A)…</translation>
    </message>
    <message>
        <source>Add a folder with models to those that are looked through</source>
        <translation>モデルを探すフォルダーを追加します</translation>
    </message>
    <message>
        <source>&amp;Rescan</source>
        <translation>再スキャン(&amp;R)</translation>
    </message>
    <message>
        <source>Read the headers of all models again</source>
        <translation>すべてのモデルのヘッダーを読み直します</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>停止(&amp;S)</translation>
    </message>
    <message>
        <source>Stop reading; what was found stays</source>
        <translation>読み込みを止めます。見つかったものは残ります</translation>
    </message>
    <message>
        <source>Show in &amp;folder</source>
        <translation>フォルダーで表示(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Copy path</source>
        <translation>パスをコピー(&amp;C)</translation>
    </message>
    <message>
        <source>F&amp;orget</source>
        <translation>一覧から外す(&amp;O)</translation>
    </message>
    <message>
        <source>Takes the model from those opened last, or its folder from those added by hand; nothing on disk changes</source>
        <translation>最近開いたモデル、または手動で追加したフォルダーの一覧から外します。ディスク上のものは変わりません</translation>
    </message>
    <message>
        <source>Look for models</source>
        <translation>モデルを検索</translation>
    </message>
    <message>
        <source>Name, author, path</source>
        <translation>名前、作者、パス</translation>
    </message>
    <message>
        <source>All words must hold: parts of the name, author, path, architecture or type (Ctrl+F); Escape clears</source>
        <translation>名前、作者、パス、アーキテクチャ、型の一部。すべての語に一致するものを表示します (Ctrl+F)。Esc で消去</translation>
    </message>
    <message>
        <source>Order of the models</source>
        <translation>モデルの並び順</translation>
    </message>
    <message>
        <source>Order of the models; a click on the head of a column is another</source>
        <translation>モデルの並び順。列の見出しをクリックしても変えられます</translation>
    </message>
    <message>
        <source>by place</source>
        <translation>場所順</translation>
    </message>
    <message>
        <source>by name</source>
        <translation>名前順</translation>
    </message>
    <message>
        <source>by parameters</source>
        <translation>パラメーター数順</translation>
    </message>
    <message>
        <source>by size on disk</source>
        <translation>サイズ順</translation>
    </message>
    <message>
        <source>by memory</source>
        <translation>メモリ順</translation>
    </message>
    <message>
        <source>newest first</source>
        <translation>新しい順</translation>
    </message>
    <message>
        <source>What is open stays open all the while</source>
        <translation>開いているものはそのまま残ります</translation>
    </message>
    <message>
        <source>No models found</source>
        <translation>モデルが見つかりません</translation>
    </message>
    <message>
        <source>Add a folder that holds models.</source>
        <translation>モデルのあるフォルダーを追加してください。</translation>
    </message>
    <message>
        <source>Add folder…</source>
        <translation>フォルダーを追加…</translation>
    </message>
    <message>
        <source>No model holds all that is asked for: clear the search or switch filters off.</source>
        <translation>すべての条件に合うモデルはありません。検索を消去するか、フィルターを解除してください。</translation>
    </message>
    <message>
        <source>First time here?</source>
        <translation>初めてですか?</translation>
    </message>
    <message>
        <source>First steps and the demo</source>
        <translation>最初の一歩とデモ</translation>
    </message>
    <message>
        <source>What Pissarro answers, in three steps</source>
        <translation>Pissarro で分かることを 3 段階で</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 models</source>
        <translation>
            <numerusform>%2 個中 %1 個のモデル</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>in %1 places</source>
        <translation>
            <numerusform>%1 か所</numerusform>
        </translation>
    </message>
    <message>
        <source>nothing is downloaded</source>
        <translation>ダウンロードはしません</translation>
    </message>
    <message numerus="yes">
        <source>%1 entries were passed over: hover for the reasons</source>
        <translation>
            <numerusform>%1 件を読み飛ばしました(マウスを重ねると理由を表示)</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 · reading headers…</source>
        <translation>%1 · ヘッダーを読み込み中…</translation>
    </message>
    <message>
        <source>Looking for models…</source>
        <translation>モデルを探しています…</translation>
    </message>
    <message>
        <source>Looking where other programs put models…</source>
        <translation>ほかのプログラムのモデルの置き場所を探しています…</translation>
    </message>
    <message>
        <source>Looked in: %1</source>
        <translation>探した場所: %1</translation>
    </message>
    <message>
        <source>trains in %1</source>
        <translation>%1 で学習可能</translation>
    </message>
    <message>
        <source>&lt; 1 B</source>
        <translation>&lt; 1 B</translation>
    </message>
    <message>
        <source>1–4 B</source>
        <translation>1–4 B</translation>
    </message>
    <message>
        <source>&gt; 4 B</source>
        <translation>&gt; 4 B</translation>
    </message>
    <message>
        <source>bf16</source>
        <translation>bf16</translation>
    </message>
    <message>
        <source>f16, f32</source>
        <translation>f16、f32</translation>
    </message>
    <message>
        <source>8 bits and fewer</source>
        <translation>8 ビット以下</translation>
    </message>
    <message>
        <source>Could not open %1</source>
        <translation>%1 を開けませんでした</translation>
    </message>
    <message>
        <source>The folder was not opened</source>
        <translation>フォルダーを開けませんでした</translation>
    </message>
    <message>
        <source>Add a folder with models</source>
        <translation>モデルのフォルダーを追加</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ModuleChips</name>
    <message>
        <source>Train %1</source>
        <translation>%1 を学習</translation>
    </message>
    <message>
        <source>Module patterns, in place of the types</source>
        <translation>種類の代わりに使うモジュールのパターン</translation>
    </message>
    <message>
        <source>Whole module paths with *, ? and {a,b}, for example *.layers.{0,1,2}.*; takes the place of the types above</source>
        <translation>*、?、{a,b} を使ったモジュールの完全なパス。例: *.layers.{0,1,2}.*。上の種類の代わりになります</translation>
    </message>
    <message>
        <source>in place of the types</source>
        <translation>種類の代わり</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ModuleMap</name>
    <message>
        <source>Matrices by layer and module</source>
        <translation>層とモジュールごとの行列</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>層</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>層</translation>
    </message>
    <message>
        <source>The model has no such matrix</source>
        <translation>モデルにこの行列はありません</translation>
    </message>
    <message>
        <source>%1
%2 × %3</source>
        <translation>%1
%2 × %3</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ModuleTreeModel</name>
    <message>
        <source>Layer %1</source>
        <translation>第 %1 層</translation>
    </message>
    <message>
        <source>mixed</source>
        <translation>混在</translation>
    </message>
    <message numerus="yes">
        <source>%n weights</source>
        <translation>
            <numerusform>重み %n 個</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>σ₁ = %1, σ of the last = %2, %3 values</source>
        <translation>
            <numerusform>σ₁ = %1、最後の σ = %2、値 %3 個</numerusform>
        </translation>
    </message>
    <message>
        <source>Module</source>
        <translation>モジュール</translation>
    </message>
    <message>
        <source>Shape, out × in</source>
        <translation>形状 (出力 × 入力)</translation>
    </message>
    <message>
        <source>Stored as</source>
        <translation>保存形式</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>パラメーター数</translation>
    </message>
    <message>
        <source>σ, log</source>
        <translation>σ (対数)</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::NavRail</name>
    <message>
        <source>Pages</source>
        <translation>ページ</translation>
    </message>
    <message>
        <source>Page %1</source>
        <translation>%1 ページ</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::NumberEdit</name>
    <message>
        <source>must be a number, such as 0.5 or 2e-5</source>
        <translation>0.5 や 2e-5 のような数を入力してください</translation>
    </message>
    <message>
        <source>%1 can be read as %2 or as %3; write one of these</source>
        <translation>%1 は %2 とも %3 とも読めます。どちらかを入力してください</translation>
    </message>
    <message>
        <source>must be at least %1, found %2</source>
        <translation>%1 以上にしてください(現在 %2)</translation>
    </message>
    <message>
        <source>must be at most %1, found %2</source>
        <translation>%1 以下にしてください(現在 %2)</translation>
    </message>
    <message>
        <source>must be a whole number, found %1</source>
        <translation>整数を入力してください（入力: %1）</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::Overlay</name>
    <message>
        <source>The runs could not be compared</source>
        <translation>実行を比較できませんでした</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::OverlayCard</name>
    <message>
        <source>%1 raw</source>
        <translation>%1 生の値</translation>
    </message>
    <message>
        <source>%1, lowest of %2</source>
        <translation>%1、%2 件の最小</translation>
    </message>
    <message>
        <source>%1, highest of %2</source>
        <translation>%1、%2 件の最大</translation>
    </message>
    <message>
        <source>%1, mean of %2</source>
        <translation>%1、%2 件の平均</translation>
    </message>
    <message>
        <source>Runs over one another</source>
        <translation>実行の重ね描き</translation>
    </message>
    <message>
        <source>What is drawn</source>
        <translation>縦軸</translation>
    </message>
    <message>
        <source>What it is drawn over</source>
        <translation>横軸</translation>
    </message>
    <message>
        <source>FLOPs: of the whole training so far. Of our runs 4 for each frozen and 6 for each trained weight and token; of others by the total that they tell</source>
        <translation>FLOPs: それまでの学習全体の値。Pissarro の実行では、1 トークンにつき固定した重み一つあたり 4、学習する重み一つあたり 6 とします。外部の実行では記録された総計によります</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>平滑化</translation>
    </message>
    <message>
        <source>Weight of the moving average, as TensorBoard smooths: 0 is raw</source>
        <translation>移動平均の重み(TensorBoard と同じ平滑化)。0 なら生の値</translation>
    </message>
    <message>
        <source>log x</source>
        <translation>x 対数</translation>
    </message>
    <message>
        <source>Logarithmic horizontal axis</source>
        <translation>横軸を対数にする</translation>
    </message>
    <message>
        <source>log y</source>
        <translation>y 対数</translation>
    </message>
    <message>
        <source>Logarithmic vertical axis</source>
        <translation>縦軸を対数にする</translation>
    </message>
    <message>
        <source>Difference to</source>
        <translation>差の基準</translation>
    </message>
    <message>
        <source>Draws every run as its difference to this one</source>
        <translation>すべての実行を、この実行との差で描きます</translation>
    </message>
    <message>
        <source>seeds as bands</source>
        <translation>シードを帯で表示</translation>
    </message>
    <message>
        <source>Runs that differ in their seed alone as one</source>
        <translation>シードだけが異なる実行を一つにまとめる</translation>
    </message>
    <message>
        <source>Runs that differ in their seed alone: their mean, and the band from the lowest to the highest of them</source>
        <translation>シードだけが異なる実行: その平均と、最小から最大までの帯</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>書き出し</translation>
    </message>
    <message>
        <source>Export the plot</source>
        <translation>グラフを書き出す</translation>
    </message>
    <message>
        <source>Copy, or save as PNG, PDF, SVG or CSV</source>
        <translation>コピー、または PNG、PDF、SVG、CSV で保存</translation>
    </message>
    <message>
        <source>over</source>
        <translation>横軸</translation>
    </message>
    <message>
        <source>smoothing</source>
        <translation>平滑化</translation>
    </message>
    <message>
        <source>minus %1</source>
        <translation>%1 との差</translation>
    </message>
    <message>
        <source>difference in %1</source>
        <translation>%1 の差</translation>
    </message>
    <message>
        <source>smoothed %1</source>
        <translation>平滑化 %1</translation>
    </message>
    <message>
        <source>band: lowest to highest of the seeds</source>
        <translation>帯: シードの最小から最大まで</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 runs do not tell it</source>
        <translation>
            <numerusform>%2 件中 %1 件の実行に記録なし</numerusform>
        </translation>
    </message>
    <message>
        <source>no baseline</source>
        <translation>基準なし</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::PageFrame</name>
    <message>
        <source>Open model…</source>
        <translation>モデルを開く…</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::PairCard</name>
    <message>
        <source>These two have no loss that both tell of.</source>
        <translation>この二つには、両方に記録のある損失がありません。</translation>
    </message>
    <message>
        <source>held-out loss</source>
        <translation>検証損失</translation>
    </message>
    <message>
        <source>loss at the end</source>
        <translation>最後の損失</translation>
    </message>
    <message>
        <source>These two end alike: %1 %2.</source>
        <translation>この二つは同じ結果です: %1 %2。</translation>
    </message>
    <message>
        <source>Of these two %1 ends %2 lower (%3 %4 against %5).</source>
        <translation>この二つでは %1 のほうが %2 低く終わりました(%3 %4 対 %5)。</translation>
    </message>
    <message>
        <source>A difference of two runs says nothing of their recipes: seeds alone may differ as much.</source>
        <translation>二つの実行の差だけでは、設定の優劣は言えません。シードの違いだけで同じくらい異なることもあります。</translation>
    </message>
    <message>
        <source>‹ Runs</source>
        <translation>‹ 実行</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Report…</source>
        <translation>レポート…</translation>
    </message>
    <message>
        <source>Back to the runs over one another</source>
        <translation>実行の重ね描きに戻る</translation>
    </message>
    <message>
        <source>Run A</source>
        <translation>実行 A</translation>
    </message>
    <message>
        <source>Run B</source>
        <translation>実行 B</translation>
    </message>
    <message>
        <source>Swap A and B</source>
        <translation>A と B を入れ替える</translation>
    </message>
    <message>
        <source>Write a report</source>
        <translation>レポートを書く</translation>
    </message>
    <message>
        <source>Matrices that were compared</source>
        <translation>比較した行列</translation>
    </message>
    <message>
        <source>Compare no more matrices</source>
        <translation>行列の比較をやめる</translation>
    </message>
    <message>
        <source>Choose two finished runs.</source>
        <translation>終わった実行を二つ選んでください。</translation>
    </message>
    <message>
        <source>These runs could not be compared.</source>
        <translation>これらの実行を比較できませんでした。</translation>
    </message>
    <message>
        <source>Reading the runs…</source>
        <translation>実行を読み込んでいます…</translation>
    </message>
    <message>
        <source>%1: perplexity %2 against %3.</source>
        <translation>%1: パープレキシティ %2 と %3。</translation>
    </message>
    <message numerus="yes">
        <source>%1: %2 against %3 of %4 questions.</source>
        <translation>
            <numerusform>%1: %4 問中 %2 と %3。</numerusform>
        </translation>
    </message>
    <message>
        <source>Evaluations that the verdict goes by</source>
        <translation>判定の根拠とする評価</translation>
    </message>
    <message>
        <source>A</source>
        <translation>A</translation>
    </message>
    <message>
        <source>B</source>
        <translation>B</translation>
    </message>
    <message>
        <source>Evaluations</source>
        <translation>評価</translation>
    </message>
    <message>
        <source>Evaluations: %1</source>
        <comment>how many are laid in</comment>
        <translation>評価: %1</translation>
    </message>
    <message>
        <source>Lay in scores that eval wrote: the verdict goes by them first (Ctrl+Shift+J)</source>
        <translation>eval が書いたスコアを加える: 判定はまずそれによります (Ctrl+Shift+J)</translation>
    </message>
    <message>
        <source>Add the folder of an evaluation…</source>
        <translation>評価のフォルダーを追加…</translation>
    </message>
    <message>
        <source>Leave out %1</source>
        <translation>%1 を外す</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::PairFiguresModel</name>
    <message>
        <source>Step 0</source>
        <translation>ステップ 0</translation>
    </message>
    <message>
        <source>Loss of the base</source>
        <translation>ベースの損失</translation>
    </message>
    <message>
        <source>Loss with the fresh adapter</source>
        <translation>学習前のアダプターでの損失</translation>
    </message>
    <message>
        <source>Largest |Δlogit|</source>
        <translation>|Δlogit| の最大</translation>
    </message>
    <message>
        <source>Mean |Δlogit|</source>
        <translation>|Δlogit| の平均</translation>
    </message>
    <message>
        <source>Gradient norm, step 1</source>
        <translation>勾配ノルム、ステップ 1</translation>
    </message>
    <message>
        <source>Initialisation</source>
        <translation>初期化</translation>
    </message>
    <message>
        <source>At the end</source>
        <translation>終了時</translation>
    </message>
    <message>
        <source>Loss, last twentieth</source>
        <translation>損失、最後の 20 分の 1</translation>
    </message>
    <message>
        <source>Held-out loss</source>
        <translation>検証損失</translation>
    </message>
    <message>
        <source>Change ‖ΔW‖ / ‖W‖, mean</source>
        <translation>変化 ‖ΔW‖ / ‖W‖ の平均</translation>
    </message>
    <message>
        <source>Effective rank of ΔW, mean</source>
        <translation>ΔW の有効ランクの平均</translation>
    </message>
    <message>
        <source>Tokens/s, median</source>
        <translation>トークン/秒の中央値</translation>
    </message>
    <message>
        <source>Parameters that train</source>
        <translation>学習するパラメーター</translation>
    </message>
    <message numerus="yes">
        <source>Other ranks in %1 matrices</source>
        <translation>
            <numerusform>ランクが異なる行列 %1 個</numerusform>
        </translation>
    </message>
    <message>
        <source>Figure</source>
        <translation>項目</translation>
    </message>
    <message>
        <source>A: %1</source>
        <translation>A: %1</translation>
    </message>
    <message>
        <source>B: %1</source>
        <translation>B: %1</translation>
    </message>
    <message>
        <source>A − B</source>
        <translation>A − B</translation>
    </message>
    <message>
        <source>%1 pt</source>
        <comment>percentage points</comment>
        <translation>%1 pt</translation>
    </message>
    <message>
        <source>%1, perplexity</source>
        <translation>%1、パープレキシティ</translation>
    </message>
    <message numerus="yes">
        <source>%1, %2 questions</source>
        <translation>
            <numerusform>%1、%2 問</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::PairSpectraCard</name>
    <message>
        <source>Spectra</source>
        <translation>スペクトル</translation>
    </message>
    <message>
        <source>Scale of σ</source>
        <translation>σ の目盛り</translation>
    </message>
    <message>
        <source>log</source>
        <translation>対数</translation>
    </message>
    <message>
        <source>linear</source>
        <translation>線形</translation>
    </message>
    <message>
        <source>Singular values before, after and of the changes</source>
        <translation>学習前、学習後、変化の特異値</translation>
    </message>
    <message>
        <source>index i</source>
        <translation>番号 i</translation>
    </message>
    <message>
        <source>σ</source>
        <translation>σ</translation>
    </message>
    <message>
        <source>Select a matrix in the maps.</source>
        <translation>マップで行列を選んでください。</translation>
    </message>
    <message>
        <source>Decomposing…</source>
        <translation>分解中…</translation>
    </message>
    <message>
        <source>after A</source>
        <translation>A の学習後</translation>
    </message>
    <message>
        <source>after B</source>
        <translation>B の学習後</translation>
    </message>
    <message>
        <source>ΔW of A</source>
        <translation>A の ΔW</translation>
    </message>
    <message>
        <source>ΔW of B</source>
        <translation>B の ΔW</translation>
    </message>
    <message>
        <source>W before</source>
        <translation>学習前の W</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::PairView</name>
    <message>
        <source>Figures</source>
        <translation>数値</translation>
    </message>
    <message>
        <source>at the start, at the end</source>
        <translation>開始時と終了時</translation>
    </message>
    <message>
        <source>Figures of both runs, and their differences</source>
        <translation>両方の実行の数値とその差</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>コピー</translation>
    </message>
    <message>
        <source>Copy the figures as CSV</source>
        <translation>数値を CSV でコピー</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <comment>a run&apos;s recipe and its folder</comment>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>A, %1</source>
        <translation>A、%1</translation>
    </message>
    <message>
        <source>B, %1</source>
        <translation>B、%1</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ParallelPlot</name>
    <message>
        <source>none yet</source>
        <translation>まだありません</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::PathField</name>
    <message>
        <source>Choose: %1</source>
        <translation>選択: %1</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>フォルダーを選択</translation>
    </message>
    <message>
        <source>Choose a file</source>
        <translation>ファイルを選択</translation>
    </message>
    <message>
        <source>Run folder</source>
        <translation>実行フォルダー</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::PictureWords</name>
    <message>
        <source>held-out loss</source>
        <translation>検証損失</translation>
    </message>
    <message>
        <source>training loss</source>
        <translation>学習損失</translation>
    </message>
    <message>
        <source>seed %1</source>
        <translation>シード %1</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>a setting and its value: rank 16</comment>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>Hollow: runs of it are still to come.</source>
        <translation>白抜き: まだ終わっていない実行があります。</translation>
    </message>
    <message>
        <source>%1, %2: %3 at a learning rate of %4, one seed</source>
        <translation>%1、%2: %3(学習率 %4、シード一つ)</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>待機中</translation>
    </message>
    <message>
        <source>running</source>
        <translation>実行中</translation>
    </message>
    <message>
        <source>done</source>
        <translation>完了</translation>
    </message>
    <message>
        <source>ended early</source>
        <translation>早期終了</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失敗</translation>
    </message>
    <message>
        <source>skipped</source>
        <translation>スキップ</translation>
    </message>
    <message numerus="yes">
        <source>%1, %2: %3 at a learning rate of %4, mean and standard error of %n seeds</source>
        <translation>
            <numerusform>%1、%2: 学習率 %4 で %3、%n 個のシードの平均と標準誤差</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::PiecesView</name>
    <message>
        <source>Tokens</source>
        <translation>トークン</translation>
    </message>
    <message>
        <source>token %1</source>
        <translation>トークン %1</translation>
    </message>
    <message>
        <source>text</source>
        <translation>テキスト</translation>
    </message>
    <message>
        <source>id</source>
        <translation>ID</translation>
    </message>
    <message>
        <source>bytes %1 of %2</source>
        <translation>%2 のバイト %1</translation>
    </message>
    <message>
        <source>%1, id %2</source>
        <translation>%1、ID %2</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ProgressCard</name>
    <message>
        <source>This run</source>
        <translation>この学習</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>一時停止</translation>
    </message>
    <message>
        <source>Stop and keep</source>
        <translation>停止して保存</translation>
    </message>
    <message>
        <source>Stop watching</source>
        <translation>表示をやめる</translation>
    </message>
    <message>
        <source>Resume training</source>
        <translation>学習を再開</translation>
    </message>
    <message>
        <source>Open run folder</source>
        <translation>実行フォルダーを開く</translation>
    </message>
    <message>
        <source>Model, data and settings of this run</source>
        <translation>この学習のモデル、データ、設定</translation>
    </message>
    <message>
        <source>Loss of the run and its twins</source>
        <translation>学習とツインの損失</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>%1 回目</translation>
    </message>
    <message>
        <source>Progress of the training</source>
        <translation>学習の進み具合</translation>
    </message>
    <message>
        <source>Stop the training and keep the adapter so far</source>
        <translation>学習を停止し、それまでのアダプターを保存</translation>
    </message>
    <message>
        <source>Open the folder of the run</source>
        <translation>実行フォルダーを開く</translation>
    </message>
    <message>
        <source>Stop watching the run, which goes on</source>
        <translation>学習の表示をやめる(学習は続きます)</translation>
    </message>
    <message>
        <source>The run goes on in its process; the Runs page finds it again</source>
        <translation>学習は別のプロセスで続きます。「実行結果」ページからふたたび開けます</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>再開</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>停止中…</translation>
    </message>
    <message>
        <source>Begin anew</source>
        <translation>最初からやり直す</translation>
    </message>
    <message>
        <source>Resume the training from its newest checkpoint</source>
        <translation>最新のチェックポイントから学習を再開</translation>
    </message>
    <message>
        <source>Train the same settings again in another folder</source>
        <translation>同じ設定で、別のフォルダーに学習し直す</translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation>%1 トークン/秒</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>残り %1</translation>
    </message>
    <message>
        <source>SVD %1 · rounding %2 · quantization %3</source>
        <translation>SVD %1 · 丸め %2 · 量子化 %3</translation>
    </message>
    <message>
        <source>The run and its twin appear here, step by step.</source>
        <translation>学習とツインの経過が、ステップごとにここに表示されます。</translation>
    </message>
    <message>
        <source>Stopping after this step; the adapter so far is kept.</source>
        <translation>このステップのあとで停止します。それまでのアダプターは残ります。</translation>
    </message>
    <message>
        <source>Paused.</source>
        <translation>一時停止中です。</translation>
    </message>
    <message>
        <source>Trains in this window: closing it asks first.</source>
        <translation>このウィンドウで学習しています。閉じるときは確認します。</translation>
    </message>
    <message>
        <source>process %1</source>
        <translation>プロセス %1</translation>
    </message>
    <message>
        <source>another process</source>
        <translation>別のプロセス</translation>
    </message>
    <message>
        <source>Trains in %1, which another window or program started.</source>
        <translation>ほかのウィンドウまたはプログラムが始めた%1で学習しています。</translation>
    </message>
    <message>
        <source>Trains in %1, which goes on when this window closes.</source>
        <translation>%1で学習しています。このウィンドウを閉じても続きます。</translation>
    </message>
    <message>
        <source>Goes on in its process; the Runs page shows it.</source>
        <translation>別のプロセスで続いています。「実行結果」ページで見られます。</translation>
    </message>
    <message>
        <source>The adapter is in the run folder.</source>
        <translation>アダプターは実行フォルダーにあります。</translation>
    </message>
    <message>
        <source>The trained model is in the run folder.</source>
        <translation>学習済みモデルは実行フォルダーにあります。</translation>
    </message>
    <message>
        <source>It can go on from the checkpoint of step %1.</source>
        <translation>ステップ %1 のチェックポイントから続けられます。</translation>
    </message>
    <message>
        <source>There is no checkpoint: it would begin anew, in another folder.</source>
        <translation>チェックポイントがありません。別のフォルダーで最初からの学習になります。</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>how a run ended, and why</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>%1.</source>
        <comment>a sentence</comment>
        <translation>%1。</translation>
    </message>
    <message>
        <source>Resume the training</source>
        <translation>学習を再開</translation>
    </message>
    <message>
        <source>Pause the training</source>
        <translation>学習を一時停止</translation>
    </message>
    <message>
        <source>What to do next</source>
        <translation>次にできること</translation>
    </message>
    <message>
        <source>The adapter in the run folder is that of the best evaluation, step %1.</source>
        <translation>実行フォルダーのアダプターは、評価が最良だったステップ %1 のものです。</translation>
    </message>
    <message>
        <source>The model in the run folder is that of the best evaluation, step %1.</source>
        <translation>実行フォルダーのモデルは、評価が最良だったステップ %1 のものです。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::QuantBench</name>
    <message>
        <source>Measurement of the quantization</source>
        <translation>量子化の測定</translation>
    </message>
    <message>
        <source>Could not measure the quantization</source>
        <translation>量子化を測定できませんでした</translation>
    </message>
    <message>
        <source>Measurement of the ranks</source>
        <translation>ランクの測定</translation>
    </message>
    <message>
        <source>Could not inspect the matrix</source>
        <translation>行列を調べられませんでした</translation>
    </message>
    <message>
        <source>Could not measure the ranks</source>
        <translation>ランクを測定できませんでした</translation>
    </message>
    <message>
        <source>The measurement of the ranks was cancelled.</source>
        <translation>ランクの測定はキャンセルされました。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::QuantErrorMeter</name>
    <message numerus="yes">
        <source>Select at most %n matrices</source>
        <translation>
            <numerusform>選べる行列は %n 個までです</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Takes minutes with more than %1 rows and columns: measure it on the Quantize page</source>
        <translation>
            <numerusform>行または列が %1 を超えると数分かかります。「量子化」ページで測定してください</numerusform>
        </translation>
    </message>
    <message>
        <source>measuring…</source>
        <translation>測定中…</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::QuantMapCard</name>
    <message>
        <source>Error by layer</source>
        <translation>層ごとの誤差</translation>
    </message>
    <message>
        <source>What the map shows</source>
        <translation>マップの内容</translation>
    </message>
    <message>
        <source>%1 ahead of %2</source>
        <translation>%1 の優位(対 %2)</translation>
    </message>
    <message>
        <source>%1 below %2</source>
        <translation>%1 の減少(対 %2)</translation>
    </message>
    <message>
        <source>points; below 0 %1 leaves less</source>
        <translation>ポイント。0 より小さければ %1 の誤差が小さい</translation>
    </message>
    <message>
        <source>not measured yet</source>
        <translation>まだ測定していません</translation>
    </message>
    <message>
        <source>below %1: %2
%3 leaves less</source>
        <translation>%1 に対する減少: %2
誤差が小さいのは %3</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::QuantizePage</name>
    <message>
        <source>What four bits leave of every matrix</source>
        <translation>4 ビットにしたとき、各行列に何が残るか</translation>
    </message>
    <message>
        <source>Open a model: %1 are compared on it.</source>
        <translation>モデルを開くと、%1 を比べます。</translation>
    </message>
    <message>
        <source>&amp;Measure every matrix</source>
        <translation>すべての行列を測定(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>キャンセル(&amp;C)</translation>
    </message>
    <message>
        <source>Copy as c&amp;ommand</source>
        <translation>コマンドをコピー(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Export errors…</source>
        <translation>誤差を書き出す(&amp;E)…</translation>
    </message>
    <message>
        <source>Could not export the errors</source>
        <translation>誤差を書き出せませんでした</translation>
    </message>
    <message>
        <source>Export errors</source>
        <translation>誤差を書き出す</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translation>CSV (*.csv)</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::QuestionsCard</name>
    <message>
        <source>Questions</source>
        <translation>問題</translation>
    </message>
    <message>
        <source>Which questions</source>
        <translation>表示する問題</translation>
    </message>
    <message>
        <source>all</source>
        <translation>すべて</translation>
    </message>
    <message>
        <source>only A right</source>
        <translation>A のみ正解</translation>
    </message>
    <message>
        <source>only B right</source>
        <translation>B のみ正解</translation>
    </message>
    <message>
        <source>both</source>
        <translation>両方</translation>
    </message>
    <message>
        <source>Find in questions and answers</source>
        <translation>問題と回答を検索</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>検索</translation>
    </message>
    <message>
        <source>Find in questions and answers (Ctrl+F)</source>
        <translation>問題と回答を検索 (Ctrl+F)</translation>
    </message>
    <message>
        <source>A</source>
        <translation>A</translation>
    </message>
    <message>
        <source>B</source>
        <translation>B</translation>
    </message>
    <message>
        <source>A: %1, B: %2</source>
        <translation>A: %1、B: %2</translation>
    </message>
    <message>
        <source>all %1</source>
        <translation>すべて %1</translation>
    </message>
    <message>
        <source>only A %1</source>
        <translation>A のみ %1</translation>
    </message>
    <message>
        <source>only B %1</source>
        <translation>B のみ %1</translation>
    </message>
    <message>
        <source>both %1</source>
        <translation>両方 %1</translation>
    </message>
    <message>
        <source>All questions (1)</source>
        <translation>すべての問題 (1)</translation>
    </message>
    <message>
        <source>Only %1 is right (2)</source>
        <translation>%1 だけ正解 (2)</translation>
    </message>
    <message>
        <source>Only %1 is right (3)</source>
        <translation>%1 だけ正解 (3)</translation>
    </message>
    <message>
        <source>Both are right (4)</source>
        <translation>両方正解 (4)</translation>
    </message>
    <message>
        <source>Neither is right (5)</source>
        <translation>どちらも不正解 (5)</translation>
    </message>
    <message>
        <source>neither</source>
        <translation>どちらも不正解</translation>
    </message>
    <message>
        <source>mean loss, nats a token</source>
        <translation>平均損失、nat/トークン</translation>
    </message>
    <message>
        <source>neither %1</source>
        <translation>どちらも不正解 %1</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::QuestionsDialog</name>
    <message>
        <source>Look for questions</source>
        <translation>問題を検索</translation>
    </message>
    <message>
        <source>Questions of the test set</source>
        <translation>テストセットの問題</translation>
    </message>
    <message>
        <source>Take as prompt</source>
        <translation>プロンプトに使う</translation>
    </message>
    <message>
        <source>Put this question into the prompt (Enter)</source>
        <translation>この問題をプロンプトに入れる (Enter)</translation>
    </message>
    <message>
        <source>From a question of %1</source>
        <translation>%1 の問題から</translation>
    </message>
    <message>
        <source>Part of a question</source>
        <translation>問題文の一部</translation>
    </message>
    <message>
        <source>Reads the questions…</source>
        <translation>問題を読み込んでいます…</translation>
    </message>
    <message numerus="yes">
        <source>%1 questions</source>
        <translation>
            <numerusform>%1 問</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::QuestionsModel</name>
    <message>
        <source>nothing read</source>
        <translation>読み取れず</translation>
    </message>
    <message>
        <source>%1 nats a token</source>
        <translation>%1 nats/トークン</translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 トークン</numerusform>
        </translation>
    </message>
    <message>
        <source>right: %1</source>
        <translation>正解: %1</translation>
    </message>
    <message>
        <source>wrong: %1</source>
        <translation>不正解: %1</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>問題</translation>
    </message>
    <message>
        <source>Gold</source>
        <translation>正答</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>窓</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::QueueCard</name>
    <message>
        <source>Queue</source>
        <translation>キュー</translation>
    </message>
    <message>
        <source>Queue of the sweep</source>
        <translation>スイープのキュー</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 runs ended</source>
        <translation>
            <numerusform>%2 件中 %1 件が終了</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 early</source>
        <translation>早期終了 %1</translation>
    </message>
    <message>
        <source>%1 failed</source>
        <translation>失敗 %1</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>一時停止中</translation>
    </message>
    <message>
        <source>nobody works at it</source>
        <translation>実行プログラムなし</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::QueueModel</name>
    <message>
        <source>%1 left</source>
        <translation>残り %1</translation>
    </message>
    <message>
        <source>waits at step %1</source>
        <translation>ステップ %1 で待機</translation>
    </message>
    <message>
        <source>%1 (%2), %3</source>
        <translation>%1 (%2)、%3</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1、%2</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>実行</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>進み具合</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>損失</translation>
    </message>
    <message>
        <source>ended early at %1</source>
        <translation>%1 で早期終了</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RankCard</name>
    <message>
        <source>What %1 (T = 1) leaves of the selected matrices, in percent of QLoRA&apos;s error (nuclear norm)</source>
        <translation>%1 (T = 1) で選択した行列に残る誤差。QLoRA の誤差に対する割合(核ノルム)</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>ランク</translation>
    </message>
    <message>
        <source>Ranks</source>
        <translation>ランク</translation>
    </message>
    <message>
        <source>one for all</source>
        <translation>全行列に共通</translation>
    </message>
    <message>
        <source>per matrix</source>
        <translation>行列ごと</translation>
    </message>
    <message>
        <source>Edit ranks…</source>
        <translation>ランクを編集…</translation>
    </message>
    <message>
        <source>Copy rank_pattern</source>
        <translation>rank_pattern をコピー</translation>
    </message>
    <message>
        <source>Train with this rank</source>
        <translation>このランクで学習</translation>
    </message>
    <message>
        <source>The same rank on every matrix</source>
        <translation>どの行列も同じランク</translation>
    </message>
    <message>
        <source>A rank map: PEFT&apos;s rank_pattern</source>
        <translation>ランクマップ: PEFT の rank_pattern</translation>
    </message>
    <message>
        <source>rank_pattern and alpha_pattern as JSON, for PEFT&apos;s LoraConfig or --rank-map</source>
        <translation>PEFT の LoraConfig や --rank-map に使える、JSON の rank_pattern と alpha_pattern</translation>
    </message>
    <message>
        <source>Energy kept</source>
        <translation>保持エネルギー</translation>
    </message>
    <message>
        <source>Mean over the selected matrices</source>
        <translation>選択した行列の平均</translation>
    </message>
    <message>
        <source>Mean over all</source>
        <translation>全体の平均</translation>
    </message>
    <message>
        <source>Energy kept, mean over the matrices computed so far</source>
        <translation>これまでに計算した行列の保持エネルギーの平均</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>パラメーター数</translation>
    </message>
    <message>
        <source>Of the adapters: Σ r (rows + columns)</source>
        <translation>アダプターのパラメーター数: Σ r (行 + 列)</translation>
    </message>
    <message>
        <source>Share of the model</source>
        <translation>モデルに対する割合</translation>
    </message>
    <message>
        <source>Adapter on disk</source>
        <translation>ディスク上のサイズ</translation>
    </message>
    <message>
        <source>In float32</source>
        <translation>float32 の場合</translation>
    </message>
    <message>
        <source>Training memory</source>
        <translation>学習時のメモリ</translation>
    </message>
    <message>
        <source>Peak of a PiSSA run with the Train page&apos;s first settings, estimated</source>
        <translation>「学習」ページの初期設定で PiSSA を実行したときの最大値の見積もり</translation>
    </message>
    <message>
        <source>Error in four bits</source>
        <translation>4 ビットの誤差</translation>
    </message>
    <message>
        <source>The rank of every adapter: type it, or drag the line in a plot</source>
        <translation>各アダプターのランク: 入力するか、グラフの線をドラッグします</translation>
    </message>
    <message>
        <source>Ranks of the map</source>
        <translation>ランクマップのランク</translation>
    </message>
    <message>
        <source>Rule of the rank map</source>
        <translation>ランクマップの規則</translation>
    </message>
    <message>
        <source>Value of the rule</source>
        <translation>規則の値</translation>
    </message>
    <message>
        <source>The rank of each matrix as a table</source>
        <translation>各行列のランクの表</translation>
    </message>
    <message>
        <source>Slice</source>
        <translation>範囲</translation>
    </message>
    <message>
        <source>Which singular triplets become PiSSA&apos;s adapter: the principal ones at the left, the minor ones at the right (the paper&apos;s appendix F compares them)</source>
        <translation>どの特異三つ組を PiSSA のアダプターにするか: 左は主成分、右は末尾の成分(論文の付録 F で比較しています)</translation>
    </message>
    <message>
        <source>Slice of the spectrum</source>
        <translation>スペクトルの範囲</translation>
    </message>
    <message>
        <source>principal · 8,888 to 8,888</source>
        <translation>主成分 · 8,888–8,888</translation>
    </message>
    <message>
        <source>90 % energy</source>
        <translation>エネルギー 90 %</translation>
    </message>
    <message>
        <source>Knee</source>
        <translation>屈曲点</translation>
    </message>
    <message>
        <source>Above noise</source>
        <translation>ノイズより上</translation>
    </message>
    <message>
        <source>r %1</source>
        <translation>r %1</translation>
    </message>
    <message>
        <source>Train with this map</source>
        <translation>このランクマップで学習</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RankExample</name>
    <message>
        <source>Pick the rank</source>
        <translation>ランクを選ぶ</translation>
    </message>
    <message>
        <source>Drag the cursor along the singular values and read what a rank keeps and costs.</source>
        <translation>特異値に沿ってカーソルをドラッグすると、そのランクで保たれるものとコストが分かります。</translation>
    </message>
    <message>
        <source>Singular values of an example matrix</source>
        <translation>例の行列の特異値</translation>
    </message>
    <message>
        <source>SmolLM2-135M-Instruct, q_proj of layer 14</source>
        <translation>SmolLM2-135M-Instruct、第 14 層の q_proj</translation>
    </message>
    <message>
        <source>index i</source>
        <translation>番号 i</translation>
    </message>
    <message>
        <source>σ</source>
        <translation>σ</translation>
    </message>
    <message>
        <source>energy kept</source>
        <translation>保持エネルギー</translation>
    </message>
    <message>
        <source>parameters</source>
        <translation>パラメーター数</translation>
    </message>
    <message>
        <source>of the model</source>
        <translation>モデル比</translation>
    </message>
    <message>
        <source>q_proj, layer 14</source>
        <translation>q_proj、第 14 層</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RankMapDialog</name>
    <message>
        <source>Rank of each matrix</source>
        <translation>各行列のランク</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>規則</translation>
    </message>
    <message>
        <source>Ranks by layer and module</source>
        <translation>層とモジュールごとのランク</translation>
    </message>
    <message>
        <source>Rank by layer and module</source>
        <translation>層とモジュールごとのランク</translation>
    </message>
    <message>
        <source>Select cells, rows or columns and type a rank for all of them</source>
        <translation>セル、行、列を選んで入力すると、すべてに同じランクを設定します</translation>
    </message>
    <message>
        <source>The search for ranks is not finished.</source>
        <translation>ランクの探索が終わっていません。</translation>
    </message>
    <message>
        <source>Value of the rule</source>
        <translation>規則の値</translation>
    </message>
    <message>
        <source>Progress of the search</source>
        <translation>探索の進み具合</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>開く…</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>保存…</translation>
    </message>
    <message>
        <source>Copy rank_pattern</source>
        <translation>rank_pattern をコピー</translation>
    </message>
    <message>
        <source>Copied rank_pattern and alpha_pattern as JSON.</source>
        <translation>rank_pattern と alpha_pattern を JSON でコピーしました。</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完了</translation>
    </message>
    <message>
        <source>Apply quantizes every matrix at several ranks: a minute and more.</source>
        <translation>「適用」は、すべての行列を複数のランクで量子化します。1 分以上かかります。</translation>
    </message>
    <message>
        <source>Not finished: the ranks are as they were.</source>
        <translation>終わりませんでした: ランクは元のままです。</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>適用</translation>
    </message>
    <message>
        <source>Quantizing every matrix at several ranks…</source>
        <translation>すべての行列を複数のランクで量子化しています…</translation>
    </message>
    <message numerus="yes">
        <source>Ranks %1 · %2 parameters · %3 in float32</source>
        <translation>
            <numerusform>ランク %1 · %2 パラメーター · float32 で %3</numerusform>
        </translation>
    </message>
    <message>
        <source>Edited by hand.</source>
        <translation>手動で編集しました。</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 matrices got less than %3: they have no more singular values.</source>
        <translation>
            <numerusform>%2 個の行列のうち %1 個は %3 より小さくなりました。特異値がそれ以上ありません。</numerusform>
        </translation>
    </message>
    <message>
        <source>Saved; pissarro-cli train --rank-map reads it.</source>
        <translation>保存しました。pissarro-cli train --rank-map で読めます。</translation>
    </message>
    <message>
        <source>Save the rank map</source>
        <translation>ランクマップを保存</translation>
    </message>
    <message>
        <source>Rank map (*.json)</source>
        <translation>ランクマップ (*.json)</translation>
    </message>
    <message>
        <source>Open a rank map</source>
        <translation>ランクマップを開く</translation>
    </message>
    <message>
        <source>Rank map or adapter_config.json (*.json)</source>
        <translation>ランクマップまたは adapter_config.json (*.json)</translation>
    </message>
    <message>
        <source>Reading %1…</source>
        <translation>%1 を読み込んでいます…</translation>
    </message>
    <message>
        <source>From %1.</source>
        <translation>%1 から読み込みました。</translation>
    </message>
    <message>
        <source>The rank %1; it stays as it was.</source>
        <translation>ランクは%1。元のままです。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RankMapHistory</name>
    <message>
        <source>the change of ranks</source>
        <translation>ランクの変更</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RankRules</name>
    <message>
        <source>Energy kept</source>
        <translation>保持エネルギー</translation>
    </message>
    <message>
        <source>90 %</source>
        <translation>90 %</translation>
    </message>
    <message>
        <source>Type a share of the energy, such as 90 %</source>
        <translation>エネルギーの割合を入力してください。例: 90 %</translation>
    </message>
    <message>
        <source>Budget for all</source>
        <translation>全体の予算</translation>
    </message>
    <message>
        <source>10 MB or 5 M</source>
        <translation>10 MB または 5 M</translation>
    </message>
    <message>
        <source>Type a size or a number of parameters, such as 10 MB or 5 M; a comma before three digits can mean both, so write 500000 or 2.125 MB</source>
        <translation>サイズかパラメーター数を入力してください。例: 10 MB、5 M。3 桁の前のコンマは二通りに読めるため、500000 や 2.125 MB のように書いてください</translation>
    </message>
    <message>
        <source>Knee of each</source>
        <translation>それぞれの屈曲点</translation>
    </message>
    <message>
        <source>needs no value</source>
        <translation>値は不要</translation>
    </message>
    <message>
        <source>Above the noise</source>
        <translation>ノイズより上</translation>
    </message>
    <message>
        <source>noise: estimated</source>
        <translation>ノイズ: 推定値</translation>
    </message>
    <message>
        <source>Type the standard deviation of the noise, or nothing</source>
        <translation>ノイズの標準偏差を入力するか、空のままにしてください</translation>
    </message>
    <message>
        <source>%1&apos;s error in four bits</source>
        <translation>4 ビットでの %1 の誤差</translation>
    </message>
    <message>
        <source>80 % of QLoRA&apos;s error</source>
        <translation>QLoRA の誤差の 80 %</translation>
    </message>
    <message>
        <source>Type a share of QLoRA&apos;s error, such as 80 %</source>
        <translation>QLoRA の誤差に対する割合を入力してください。例: 80 %</translation>
    </message>
    <message>
        <source>Open a model first</source>
        <translation>まずモデルを開いてください</translation>
    </message>
    <message>
        <source>Needs every spectrum: %1 of %2 are there</source>
        <translation>すべてのスペクトルが必要です: %2 個のうち %1 個が計算済み</translation>
    </message>
    <message>
        <source>Quantizes every matrix several times: apply it in the table of ranks</source>
        <translation>すべての行列を何度も量子化します。ランクの表で適用してください</translation>
    </message>
    <message>
        <source>One rank for all, to begin with.</source>
        <translation>最初は、全行列に共通のランクです。</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1–%2</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RankSearch</name>
    <message>
        <source>Search for ranks</source>
        <translation>ランクの探索</translation>
    </message>
    <message>
        <source>Could not advise ranks</source>
        <translation>ランクを提案できませんでした</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RankTableModel</name>
    <message>
        <source>%1: rank %2 of %3</source>
        <translation>%1: ランク %2(最大 %3)</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RateAdvice</name>
    <message>
        <source>No learning rate was found</source>
        <translation>学習率が見つかりませんでした</translation>
    </message>
    <message>
        <source>Learning rate of %1</source>
        <translation>%1 の学習率</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RecentList</name>
    <message>
        <source>Recent models</source>
        <translation>最近使ったモデル</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ReductionCard</name>
    <message>
        <source>%1 % more</source>
        <translation>%1 % 増</translation>
    </message>
    <message>
        <source>%1 % less</source>
        <translation>%1 % 減</translation>
    </message>
    <message>
        <source>Without an adapter, beside %1: %2.</source>
        <translation>アダプターなしの場合、%1 に対して: %2。</translation>
    </message>
    <message>
        <source>Reduction</source>
        <translation>誤差の減少</translation>
    </message>
    <message>
        <source>Norm of the error</source>
        <translation>誤差のノルム</translation>
    </message>
    <message>
        <source>nuclear</source>
        <translation>核</translation>
    </message>
    <message>
        <source>Frobenius</source>
        <translation>フロベニウス</translation>
    </message>
    <message>
        <source>spectral</source>
        <translation>スペクトル</translation>
    </message>
    <message>
        <source>max</source>
        <translation>最大</translation>
    </message>
    <message>
        <source>What the table tells of</source>
        <translation>表の内容</translation>
    </message>
    <message>
        <source>by type</source>
        <translation>種類ごと</translation>
    </message>
    <message>
        <source>matrix</source>
        <translation>行列</translation>
    </message>
    <message>
        <source>Reduction of the quantization error</source>
        <translation>量子化誤差の減少</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>手法</translation>
    </message>
    <message>
        <source>average</source>
        <translation>平均</translation>
    </message>
    <message>
        <source>average of %1</source>
        <translation>%1 個の平均</translation>
    </message>
    <message>
        <source>Measure: how much less error %1 leave than W in four bits alone (%2), by type of module.</source>
        <translation>測定すると、W をそのまま 4 ビットにする (%2) のに比べて %1 の誤差がどれだけ小さいかを、モジュールの種類ごとに示します。</translation>
    </message>
    <message>
        <source>of QLoRA&apos;s error, percent, as the paper&apos;s table 8</source>
        <translation>QLoRA の誤差に対するパーセント。論文の表 8 と同じ</translation>
    </message>
    <message numerus="yes">
        <source>of QLoRA&apos;s error, percent · %1 of %2 matrices</source>
        <translation>
            <numerusform>QLoRA の誤差に対するパーセント · %2 行列中 %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 leaves less on %2 of %3 matrices</source>
        <translation>
            <numerusform>%3 行列中 %2 で %1 の誤差が小さい</numerusform>
        </translation>
    </message>
    <message>
        <source>bold is the better.</source>
        <translation>太字が良いほうです。</translation>
    </message>
    <message>
        <source>%1, T = %2</source>
        <translation>%1、T = %2</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>誤差</translation>
    </message>
    <message>
        <source>not measured yet</source>
        <translation>まだ測定していません</translation>
    </message>
    <message>
        <source>%1 alone</source>
        <translation>%1 のみ</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ReportDialog</name>
    <message>
        <source>Runs in the report</source>
        <translation>レポートに載せる実行</translation>
    </message>
    <message>
        <source>Evaluations laid in</source>
        <translation>載せる評価</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>削除</translation>
    </message>
    <message>
        <source>Look where the updates went (reads weights)</source>
        <translation>更新が向かった先を調べる(重みを読み込みます)</translation>
    </message>
    <message>
        <source>Form of the report</source>
        <translation>レポートの形式</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>開く</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>閉じる</translation>
    </message>
    <message>
        <source>Write report</source>
        <translation>レポートを書く</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>レポート</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>実行</translation>
    </message>
    <message>
        <source>Beside them</source>
        <translation>併せて載せるもの</translation>
    </message>
    <message>
        <source>Where it goes</source>
        <translation>保存先</translation>
    </message>
    <message>
        <source>Add evaluation…</source>
        <translation>評価を追加…</translation>
    </message>
    <message>
        <source>Add the folder of an evaluation</source>
        <translation>評価のフォルダーを追加</translation>
    </message>
    <message>
        <source>A folder that eval wrote: its scores belong to the runs (Alt+A)</source>
        <translation>eval が書いたフォルダー: そのスコアは実行に属します (Alt+A)</translation>
    </message>
    <message>
        <source>Take the evaluation off the list</source>
        <translation>評価を一覧から外す</translation>
    </message>
    <message>
        <source>Experiment of the paper to lay beside</source>
        <translation>並べて載せる論文の実験</translation>
    </message>
    <message>
        <source>none</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>The paper&apos;s</source>
        <translation>論文の実験</translation>
    </message>
    <message>
        <source>Form</source>
        <translation>形式</translation>
    </message>
    <message>
        <source>File to write</source>
        <translation>書き込むファイル</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>選択…</translation>
    </message>
    <message>
        <source>Choose the file to write</source>
        <translation>書き込むファイルを選択</translation>
    </message>
    <message>
        <source>File</source>
        <translation>ファイル</translation>
    </message>
    <message>
        <source>The command line that writes the same report</source>
        <translation>同じレポートを書くコマンド</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>コピー</translation>
    </message>
    <message>
        <source>Copy the command line</source>
        <translation>コマンドをコピー</translation>
    </message>
    <message>
        <source>Copy the command line (Alt+C)</source>
        <translation>コマンドをコピー (Alt+C)</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>コマンド</translation>
    </message>
    <message>
        <source>Progress of the report</source>
        <translation>レポートの進み具合</translation>
    </message>
    <message>
        <source>Open the report that was written</source>
        <translation>書いたレポートを開く</translation>
    </message>
    <message>
        <source>Write the report</source>
        <translation>レポートを書く</translation>
    </message>
    <message>
        <source>%1 (*%2)</source>
        <comment>a form of reports, and how its files end</comment>
        <translation>%1 (*%2)</translation>
    </message>
    <message>
        <source>Check a run at least</source>
        <translation>一つ以上の実行にチェックを入れてください</translation>
    </message>
    <message>
        <source>The file&apos;s name has to end in %1</source>
        <translation>ファイル名の末尾は %1 にしてください</translation>
    </message>
    <message>
        <source>Written: %1</source>
        <translation>書き込みました: %1</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Reading the runs…</source>
        <translation>実行を読み込んでいます…</translation>
    </message>
    <message>
        <source>The report is not finished.</source>
        <translation>レポートが終わっていません。</translation>
    </message>
    <message>
        <source>No evaluation is laid in: the report says that scores are not known.</source>
        <translation>評価が加えられていません。レポートにはスコア不明と書かれます。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::Reports</name>
    <message>
        <source>The report was not written</source>
        <translation>レポートを書けませんでした</translation>
    </message>
    <message>
        <source>Report %1</source>
        <translation>レポート %1</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ResultsView</name>
    <message>
        <source>The same rate for all</source>
        <translation>全手法で同じ学習率</translation>
    </message>
    <message>
        <source>Each at its best rate</source>
        <translation>それぞれ最良の学習率</translation>
    </message>
    <message>
        <source>Every run</source>
        <translation>すべての実行</translation>
    </message>
    <message>
        <source>Score at one rate for all</source>
        <translation>全手法で同じ学習率でのスコア</translation>
    </message>
    <message>
        <source>Score of each method at its best rate</source>
        <translation>各手法の最良の学習率でのスコア</translation>
    </message>
    <message>
        <source>Learning rate for all</source>
        <translation>全手法に共通の学習率</translation>
    </message>
    <message>
        <source>Setting that scores are drawn over</source>
        <translation>スコアの横軸にする設定</translation>
    </message>
    <message>
        <source>How runs are shown</source>
        <translation>実行の表示方法</translation>
    </message>
    <message>
        <source>map</source>
        <translation>マップ</translation>
    </message>
    <message>
        <source>rates</source>
        <translation>学習率</translation>
    </message>
    <message>
        <source>settings</source>
        <translation>設定</translation>
    </message>
    <message>
        <source>table</source>
        <translation>表</translation>
    </message>
    <message>
        <source>Every run by rate</source>
        <translation>学習率別のすべての実行</translation>
    </message>
    <message>
        <source>Score over the rate</source>
        <translation>学習率に対するスコア</translation>
    </message>
    <message>
        <source>Runs in parallel coordinates</source>
        <translation>実行の平行座標</translation>
    </message>
    <message>
        <source>Scores draw here as runs of this rate come to their end.</source>
        <translation>この学習率の実行が終わるたびに、スコアがここに描かれます。</translation>
    </message>
    <message>
        <source>Each method&apos;s best rate draws here once all runs of a rate have come to their end.</source>
        <translation>一つの学習率の実行がすべて終わると、各手法の最良の学習率がここに描かれます。</translation>
    </message>
    <message>
        <source>Scores draw here as runs come to their end.</source>
        <translation>実行が終わるたびに、スコアがここに描かれます。</translation>
    </message>
    <message>
        <source>Recipes with their scores over seeds</source>
        <translation>設定ごとの、シードにわたるスコア</translation>
    </message>
    <message>
        <source>hollow: runs still to come</source>
        <translation>白抜き: 残りの実行あり</translation>
    </message>
    <message>
        <source>the rate beside the point</source>
        <translation>点の横は学習率</translation>
    </message>
    <message>
        <source>learning rate</source>
        <translation>学習率</translation>
    </message>
    <message>
        <source>%1 by rate; ringed: the best</source>
        <translation>学習率別の%1。丸囲みは最良</translation>
    </message>
    <message>
        <source>%1 over the learning rate</source>
        <translation>学習率に対する%1</translation>
    </message>
    <message>
        <source>a line a run, from its settings to its score</source>
        <translation>一本の線が一つの実行。設定からスコアまで</translation>
    </message>
    <message>
        <source>mean ± standard error over seeds</source>
        <translation>シードにわたる平均 ± 標準誤差</translation>
    </message>
    <message>
        <source>%1; ringed: the best rate</source>
        <translation>%1。丸囲み: 最良の学習率</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RowCard</name>
    <message>
        <source>A row on its way to the loss</source>
        <translation>行が損失になるまで</translation>
    </message>
    <message>
        <source>Which rows are walked</source>
        <translation>表示する行</translation>
    </message>
    <message>
        <source>shortest</source>
        <translation>短い順</translation>
    </message>
    <message>
        <source>longest</source>
        <translation>長い順</translation>
    </message>
    <message>
        <source>cut</source>
        <translation>切り詰め</translation>
    </message>
    <message>
        <source>random</source>
        <translation>ランダム</translation>
    </message>
    <message>
        <source>as in the file</source>
        <translation>ファイル順</translation>
    </message>
    <message>
        <source>Previous row</source>
        <translation>前の行</translation>
    </message>
    <message>
        <source>Previous row (Left)</source>
        <translation>前の行 (←)</translation>
    </message>
    <message>
        <source>Next row</source>
        <translation>次の行</translation>
    </message>
    <message>
        <source>Next row (Right)</source>
        <translation>次の行 (→)</translation>
    </message>
    <message>
        <source>The row as it stands in the file</source>
        <translation>ファイルにあるままの行</translation>
    </message>
    <message>
        <source>Tokens of the row; those that count for the loss are tinted</source>
        <translation>行のトークン。損失の対象には色がついています</translation>
    </message>
    <message>
        <source>In the file</source>
        <translation>ファイルの内容</translation>
    </message>
    <message>
        <source>What the model reads</source>
        <translation>モデルが読むもの</translation>
    </message>
    <message>
        <source>Open a model: its tokens show what it reads.</source>
        <translation>モデルを開くと、モデルが読むものをトークンで表示します。</translation>
    </message>
    <message>
        <source>No row is cut at this length.</source>
        <translation>この長さで切り詰める行はありません。</translation>
    </message>
    <message numerus="yes">
        <source>line %1 · %2 tokens</source>
        <translation>
            <numerusform>%1 行目 · %2 トークン</numerusform>
        </translation>
    </message>
    <message>
        <source>This row was put together of several messages of the file.</source>
        <translation>この行は、ファイルの複数のメッセージをまとめたものです。</translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens count for the loss · %2 are read only</source>
        <translation>
            <numerusform>損失の対象 %1 トークン · 読むだけ %2</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 · %2 are cut</source>
        <translation>
            <numerusform>%1 · 切り詰め %2</numerusform>
        </translation>
    </message>
    <message>
        <source>judged as a whole</source>
        <translation>全体で 1 つの判定</translation>
    </message>
    <message>
        <source>judged as a whole · label %1</source>
        <translation>全体で 1 つの判定 · ラベル %1</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RunCurves</name>
    <message>
        <source>%1 rank map</source>
        <translation>%1 ランクマップ</translation>
    </message>
    <message>
        <source>held out</source>
        <translation>検証</translation>
    </message>
    <message>
        <source>step</source>
        <translation>ステップ</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>トークン</translation>
    </message>
    <message>
        <source>time, %1</source>
        <translation>時間 (%1)</translation>
    </message>
    <message>
        <source>loss, nats</source>
        <translation>損失 (nats)</translation>
    </message>
    <message>
        <source>gradient norm</source>
        <translation>勾配ノルム</translation>
    </message>
    <message>
        <source>learning rate</source>
        <translation>学習率</translation>
    </message>
    <message>
        <source>tokens/s</source>
        <translation>トークン/秒</translation>
    </message>
    <message>
        <source>%1 held out</source>
        <translation>%1 検証</translation>
    </message>
    <message>
        <source>%1 raw</source>
        <translation>%1 生の値</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RunGrid</name>
    <message>
        <source>none yet</source>
        <translation>まだありません</translation>
    </message>
    <message>
        <source>%1, the best of its column</source>
        <translation>%1、列の最良</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RunLibrary</name>
    <message>
        <source>Could not read the runs</source>
        <translation>学習結果を読み込めませんでした</translation>
    </message>
    <message>
        <source>No runs in that folder</source>
        <translation>そのフォルダーに学習結果はありません</translation>
    </message>
    <message>
        <source>%1: there is no run.json in it or below it; choose the folder that a training run was written to.</source>
        <translation>%1: このフォルダーにも下位のフォルダーにも run.json がありません。学習結果が書き込まれたフォルダーを選んでください。</translation>
    </message>
    <message>
        <source>What was changed of a run was not kept</source>
        <translation>実行への変更を保存できませんでした</translation>
    </message>
    <message>
        <source>What is said of the runs cannot be read</source>
        <translation>実行についての記録を読めません</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RunPair</name>
    <message>
        <source>%1 is another program&apos;s run: its curves are all that is known of it.</source>
        <translation>%1 は別のプログラムの実行で、分かるのは曲線だけです。</translation>
    </message>
    <message>
        <source>Could not compare the runs</source>
        <translation>実行を比較できませんでした</translation>
    </message>
    <message>
        <source>Comparison of two runs</source>
        <translation>二つの実行の比較</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RunWords</name>
    <message>
        <source>Running</source>
        <translation>実行中</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>一時停止中</translation>
    </message>
    <message>
        <source>Finished</source>
        <translation>完了</translation>
    </message>
    <message>
        <source>Finished early</source>
        <translation>早期終了</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失敗</translation>
    </message>
    <message>
        <source>Interrupted</source>
        <translation>中断</translation>
    </message>
    <message>
        <source>Step 0: %1 equals the base exactly&#xa0;✓</source>
        <translation>ステップ 0: %1 はベースと完全に一致&#xa0;✓</translation>
    </message>
    <message>
        <source>Step 0: goes on from the given adapter, loss %1 (without it %2)&#xa0;✓</source>
        <translation>ステップ 0: 与えられたアダプターから続行、損失 %1(なしでは %2)&#xa0;✓</translation>
    </message>
    <message>
        <source>Step 0: quantization moves the logits by %1 on average&#xa0;✓</source>
        <translation>ステップ 0: 量子化によるロジットの変化は平均 %1&#xa0;✓</translation>
    </message>
    <message>
        <source>%1 at step %2 of %3</source>
        <translation>%1(ステップ %2 / %3)</translation>
    </message>
    <message>
        <source>Step 0: %1 equals the base: logits differ by %2 at most, %3 is allowed&#xa0;✓</source>
        <translation>ステップ 0: %1 はベースと一致: ロジットの差は最大 %2、許容は %3&#xa0;✓</translation>
    </message>
    <message>
        <source>Step 0: %1 equals the base: logits differ by %2 on average, %3 is allowed&#xa0;✓</source>
        <translation>ステップ 0: %1 はベースと一致: ロジットの差は平均 %2、許容は %3&#xa0;✓</translation>
    </message>
    <message>
        <source>Steps before step %1 are missing from the curve: no records of them are here.</source>
        <translation>ステップ %1 より前は曲線にありません。記録が残っていません。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RunsModel</name>
    <message>
        <source>not read</source>
        <translation>読込不可</translation>
    </message>
    <message>
        <source>away</source>
        <translation>所在不明</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>ステップ %1</translation>
    </message>
    <message>
        <source>step %1 of %2</source>
        <translation>ステップ %1 / %2</translation>
    </message>
    <message>
        <source>paused at %1 of %2</source>
        <translation>%1 / %2 で一時停止</translation>
    </message>
    <message>
        <source>diverged at %1</source>
        <translation>%1 で発散</translation>
    </message>
    <message>
        <source>failed at %1</source>
        <translation>%1 で失敗</translation>
    </message>
    <message>
        <source>interrupted at %1</source>
        <translation>%1 で中断</translation>
    </message>
    <message>
        <source>Its folder is not there now (a disk that was taken out?). Nothing of it is lost here.</source>
        <translation>フォルダーが今は見つかりません(取り外したディスクなど)。ここにある記録は失われません。</translation>
    </message>
    <message>
        <source>Its program ended without a word (killed, or the machine went down).</source>
        <translation>プログラムが何も記録せずに終わりました(強制終了、またはマシンの停止)。</translation>
    </message>
    <message>
        <source>Pinned</source>
        <translation>ピン留め</translation>
    </message>
    <message>
        <source>From elsewhere</source>
        <translation>外部の実行</translation>
    </message>
    <message>
        <source>All runs</source>
        <translation>すべての実行</translation>
    </message>
    <message>
        <source>its folder is not there now</source>
        <translation>フォルダーが今は見つかりません</translation>
    </message>
    <message numerus="yes">
        <source>%1 runs</source>
        <translation>
            <numerusform>%1 件の実行</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <comment>runs that have ended</comment>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名前</translation>
    </message>
    <message>
        <source>How it stands</source>
        <translation>状況</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>手法</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>ランク</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学習率</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>ステップ数</translation>
    </message>
    <message>
        <source>Final loss</source>
        <translation>最終損失</translation>
    </message>
    <message>
        <source>Mean, last 5</source>
        <translation>直近 5 の平均</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>トークン/秒</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状態</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>開始</translation>
    </message>
    <message numerus="yes">
        <source>Mean loss of the last %n steps, nats</source>
        <translation>
            <numerusform>直近 %n ステップの平均損失 (nats)</numerusform>
        </translation>
    </message>
    <message>
        <source>Loss of the last step, nats</source>
        <translation>最後のステップの損失 (nats)</translation>
    </message>
    <message>
        <source>Mean over the run</source>
        <translation>実行全体の平均</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RunsPage</name>
    <message numerus="yes">
        <source>%1 runs · %2 drawn</source>
        <translation>
            <numerusform>実行 %1 件 · %2 件を表示</numerusform>
        </translation>
    </message>
    <message>
        <source>Check runs at the left: their curves draw here.</source>
        <translation>左で実行にチェックを入れると、その曲線がここに描かれます。</translation>
    </message>
    <message>
        <source>Reading the runs…</source>
        <translation>実行を読み込んでいます…</translation>
    </message>
    <message>
        <source>None of these runs tells of it; choose something else to draw.</source>
        <translation>これらの実行には、この項目の記録がありません。別の項目を選んでください。</translation>
    </message>
    <message>
        <source>Settings of %1</source>
        <translation>%1 の設定</translation>
    </message>
    <message>
        <source>What differs</source>
        <translation>異なる点</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 settings</source>
        <translation>
            <numerusform>全 %2 項目中 %1 項目</numerusform>
        </translation>
    </message>
    <message>
        <source>Select a run: how it stands, and its settings stand here.</source>
        <translation>実行を選ぶと、その状況と設定がここに表示されます。</translation>
    </message>
    <message>
        <source>Check two runs or more: the settings and results in which they differ stand here. Enter shows those of the selected run.</source>
        <translation>二つ以上の実行にチェックを入れると、異なる設定と結果がここに表示されます。Enter で、選んだ実行の設定を表示します。</translation>
    </message>
    <message>
        <source>These runs have the same configuration and the same results.</source>
        <translation>これらの実行は、設定も結果も同じです。</translation>
    </message>
    <message>
        <source>%1 selected</source>
        <translation>%1 件を選択</translation>
    </message>
    <message>
        <source>Take the run away: LoRA adapter, residual model and adapter, or merged model (Ctrl+E)</source>
        <translation>実行を書き出す: LoRA アダプター、残差モデルとアダプター、またはマージ済みモデル (Ctrl+E)</translation>
    </message>
    <message>
        <source>Select one run that has ended to export it</source>
        <translation>書き出すには、終わった実行を一つ選んでください</translation>
    </message>
    <message>
        <source>Begin anew in another folder</source>
        <translation>別のフォルダーで最初からやり直す</translation>
    </message>
    <message>
        <source>Resume training</source>
        <translation>学習を再開</translation>
    </message>
    <message>
        <source>%1 is training: watch it</source>
        <translation>%1 を学習中: 表示する</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>書き出す…</translation>
    </message>
    <message>
        <source>Take the adapter, or the model with it, away</source>
        <translation>アダプターを、またはモデルごと書き出す</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比較</translation>
    </message>
    <message>
        <source>The run and its twins side by side</source>
        <translation>実行とツインを並べて見る</translation>
    </message>
    <message>
        <source>Add a folder with runs</source>
        <translation>実行結果のフォルダーを追加</translation>
    </message>
    <message>
        <source>The folder was not opened</source>
        <translation>フォルダーを開けませんでした</translation>
    </message>
    <message>
        <source>The log was not opened</source>
        <translation>ログを開けませんでした</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <comment>a run&apos;s recipe and its folder</comment>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>Unpin runs</source>
        <translation>ピン留めを外す</translation>
    </message>
    <message>
        <source>Pin runs</source>
        <translation>ピン留めする</translation>
    </message>
    <message>
        <source>Listed %1 again</source>
        <translation>%1 を一覧に戻しました</translation>
    </message>
    <message>
        <source>Archived %1</source>
        <translation>%1 をアーカイブしました</translation>
    </message>
    <message numerus="yes">
        <source>Listed %n runs again</source>
        <translation>
            <numerusform>%n 件の実行を一覧に戻しました</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Archived %n runs</source>
        <translation>
            <numerusform>%n 件の実行をアーカイブしました</numerusform>
        </translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>タグ</translation>
    </message>
    <message>
        <source>Tags, with commas between them</source>
        <translation>タグ(コンマで区切る)</translation>
    </message>
    <message>
        <source>Tag runs</source>
        <translation>タグを付ける</translation>
    </message>
    <message>
        <source>Rename run</source>
        <translation>実行の名前を変更</translation>
    </message>
    <message>
        <source>Name in lists; empty: as its folder. The folder stays as it is.</source>
        <translation>一覧での名前。空ならフォルダー名になります。フォルダー自体は変わりません。</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>メモ</translation>
    </message>
    <message>
        <source>What is to be known of it</source>
        <translation>覚えておきたいこと</translation>
    </message>
    <message>
        <source>Note on runs</source>
        <translation>実行のメモ</translation>
    </message>
    <message>
        <source>Colour runs</source>
        <translation>実行の色を変更</translation>
    </message>
    <message numerus="yes">
        <source>Moved %n runs to the trash</source>
        <translation>
            <numerusform>%n 件の実行をゴミ箱に移しました</numerusform>
        </translation>
    </message>
    <message>
        <source>newest first</source>
        <translation>新しい順</translation>
    </message>
    <message>
        <source>name</source>
        <translation>名前</translation>
    </message>
    <message>
        <source>last loss</source>
        <translation>最後の損失</translation>
    </message>
    <message>
        <source>rank</source>
        <translation>ランク</translation>
    </message>
    <message>
        <source>learning rate</source>
        <translation>学習率</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>ステップ数</translation>
    </message>
    <message>
        <source>Groups</source>
        <translation>グループ分け</translation>
    </message>
    <message>
        <source>sweep</source>
        <translation>スイープ</translation>
    </message>
    <message>
        <source>model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>data</source>
        <translation>データ</translation>
    </message>
    <message>
        <source>none</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>What is told of runs</source>
        <translation>実行について表示する内容</translation>
    </message>
    <message>
        <source>differences</source>
        <translation>異なる点</translation>
    </message>
    <message>
        <source>all</source>
        <translation>すべて</translation>
    </message>
    <message>
        <source>the selected run</source>
        <translation>選択した実行</translation>
    </message>
    <message>
        <source>No runs yet</source>
        <translation>実行はまだありません</translation>
    </message>
    <message>
        <source>Train a model, or add a folder that holds runs (or drop one here).</source>
        <translation>モデルを学習するか、実行結果のあるフォルダーを追加してください(ここへのドロップも可)。</translation>
    </message>
    <message>
        <source>New run</source>
        <translation>新しい学習</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>実行結果</translation>
    </message>
    <message>
        <source>Watch a run that is training</source>
        <translation>実行中の学習を表示する</translation>
    </message>
    <message>
        <source>Add a folder with runs; or drop one here</source>
        <translation>実行結果のフォルダーを追加(ここへのドロップも可)</translation>
    </message>
    <message>
        <source>Look for runs</source>
        <translation>実行を検索</translation>
    </message>
    <message>
        <source>Name, tag, setting: lr&gt;1e-4</source>
        <translation>名前、タグ、設定: lr&gt;1e-4</translation>
    </message>
    <message>
        <source>All words must hold: parts of names, notes and tags, or a setting or figure with =, !=, &lt;, &lt;=, &gt;, &gt;= or : (holds); - before a word: not so (Ctrl+F)</source>
        <translation>すべての語に一致するものを表示します。名前、メモ、タグの一部、または =、!=、&lt;、&lt;=、&gt;、&gt;=、:(含む)を使った設定や数値。語の前の - は否定です (Ctrl+F)</translation>
    </message>
    <message>
        <source>Order of the runs</source>
        <translation>実行の並び順</translation>
    </message>
    <message>
        <source>Order of the runs; a click on the head of a column is another</source>
        <translation>実行の並び順。列の見出しをクリックしても変えられます</translation>
    </message>
    <message>
        <source>Export the selected run</source>
        <translation>選択した実行を書き出す</translation>
    </message>
    <message>
        <source>Columns…</source>
        <translation>列…</translation>
    </message>
    <message>
        <source>Choose the columns of the list</source>
        <translation>一覧の列を選ぶ</translation>
    </message>
    <message>
        <source>Choose what the list tells of each run</source>
        <translation>一覧に表示する項目を選ぶ</translation>
    </message>
    <message>
        <source>More of the selected runs</source>
        <translation>選択した実行のその他の操作</translation>
    </message>
    <message>
        <source>All that can be done with the selected runs</source>
        <translation>選択した実行でできるすべての操作</translation>
    </message>
    <message>
        <source>Where the runs that are drawn differ, or the settings of the selected run</source>
        <translation>表示中の実行の異なる点、または選択した実行の設定</translation>
    </message>
    <message>
        <source>The selected runs, or those that are drawn, side by side</source>
        <translation>選択した実行、または表示中の実行を並べて比べる</translation>
    </message>
    <message>
        <source>&amp;Refresh</source>
        <translation>更新(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Find</source>
        <translation>検索(&amp;F)</translation>
    </message>
    <message>
        <source>Show archived runs</source>
        <translation>アーカイブした実行も表示</translation>
    </message>
    <message>
        <source>Add folder…</source>
        <translation>フォルダーを追加…</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>フォルダーを開く</translation>
    </message>
    <message>
        <source>Show log</source>
        <translation>ログを表示</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>パスをコピー</translation>
    </message>
    <message>
        <source>Copy command</source>
        <translation>コマンドをコピー</translation>
    </message>
    <message>
        <source>Use as template</source>
        <translation>ひな形として使う</translation>
    </message>
    <message>
        <source>Watch training</source>
        <translation>学習を表示</translation>
    </message>
    <message>
        <source>Report…</source>
        <translation>レポート…</translation>
    </message>
    <message>
        <source>Draw</source>
        <translation>グラフに表示</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>開く</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>ピン留め</translation>
    </message>
    <message>
        <source>Tags…</source>
        <translation>タグ…</translation>
    </message>
    <message>
        <source>Colour…</source>
        <translation>色…</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>名前を変更…</translation>
    </message>
    <message>
        <source>Notes…</source>
        <translation>メモ…</translation>
    </message>
    <message>
        <source>Archive</source>
        <translation>アーカイブ</translation>
    </message>
    <message>
        <source>Move to trash</source>
        <translation>ゴミ箱に移す</translation>
    </message>
    <message>
        <source>Another program trained it: nothing is known of its settings.</source>
        <translation>ほかのプログラムが学習した実行です。設定はわかりません。</translation>
    </message>
    <message>
        <source>%1 is paused: watch it</source>
        <translation>%1 は一時停止中: 表示する</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::RunsTree</name>
    <message>
        <source>Runs</source>
        <translation>実行</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SampleCard</name>
    <message>
        <source>What the loss sees</source>
        <translation>損失の対象</translation>
    </message>
    <message>
        <source>Previous row</source>
        <translation>前の行</translation>
    </message>
    <message>
        <source>Previous row (Page Up)</source>
        <translation>前の行 (Page Up)</translation>
    </message>
    <message>
        <source>Next row</source>
        <translation>次の行</translation>
    </message>
    <message>
        <source>Next row (Page Down)</source>
        <translation>次の行 (Page Down)</translation>
    </message>
    <message>
        <source>Tokens of the row; those that count for the loss are tinted</source>
        <translation>行のトークン。損失の対象には色がついています</translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens · %2 count for the loss</source>
        <translation>
            <numerusform>%1 トークン · うち %2 が損失の対象</numerusform>
        </translation>
    </message>
    <message>
        <source>cut at the longest row</source>
        <translation>最大行長で切り詰め</translation>
    </message>
    <message>
        <source>row %1 of %2</source>
        <translation>行 %1 / %2</translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens, judged as a whole</source>
        <translation>
            <numerusform>%1 トークン、全体で 1 つの判定</numerusform>
        </translation>
    </message>
    <message>
        <source>label %1</source>
        <translation>ラベル %1</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SampleView</name>
    <message>
        <source>token %1, counts</source>
        <translation>トークン %1、損失に含まれる</translation>
    </message>
    <message>
        <source>token %1, does not count</source>
        <translation>トークン %1、損失に含まれない</translation>
    </message>
    <message>
        <source>text</source>
        <translation>テキスト</translation>
    </message>
    <message>
        <source>id</source>
        <translation>ID</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SamplingCard</name>
    <message>
        <source>Sampling</source>
        <translation>サンプリング</translation>
    </message>
    <message>
        <source>Choice of the next token</source>
        <translation>次のトークンの選び方</translation>
    </message>
    <message>
        <source>greedy</source>
        <translation>貪欲法</translation>
    </message>
    <message>
        <source>sampled</source>
        <translation>サンプリング</translation>
    </message>
    <message>
        <source>Temperature: below 1 the likely tokens are preferred</source>
        <translation>温度: 1 より低いと、確率の高いトークンが選ばれやすくなります</translation>
    </message>
    <message>
        <source>Sampled of the likeliest tokens of this total probability</source>
        <translation>確率の高い順に、合計がこの値になるまでのトークンから選びます</translation>
    </message>
    <message>
        <source>Sampled of so many of the likeliest tokens; 0: of all</source>
        <translation>確率の高い順に、この数のトークンから選びます。0 ならすべてから</translation>
    </message>
    <message>
        <source>Sampled of tokens at least this share as likely as the likeliest</source>
        <translation>最も確率の高いトークンに対して、この割合以上の確率をもつトークンから選びます</translation>
    </message>
    <message>
        <source>Above 1: tokens that occurred become less likely; greedy heeds it too</source>
        <translation>1 より大きいと、一度出たトークンが選ばれにくくなります。貪欲法にも効きます</translation>
    </message>
    <message>
        <source>Seed: the same one gives the same reply</source>
        <translation>シード: 同じ値なら同じ返答になります</translation>
    </message>
    <message>
        <source>New tokens at most</source>
        <translation>新しいトークンの上限</translation>
    </message>
    <message>
        <source>What the question is put into</source>
        <translation>質問を当てはめるテンプレート</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>リセット</translation>
    </message>
    <message>
        <source>as trained</source>
        <translation>学習時と同じ</translation>
    </message>
    <message>
        <source>chat</source>
        <translation>チャット</translation>
    </message>
    <message>
        <source>Alpaca</source>
        <translation>Alpaca</translation>
    </message>
    <message>
        <source>plain</source>
        <translation>原文</translation>
    </message>
    <message>
        <source>A run: the template that it was trained with; another model: its chat template, where it has one</source>
        <translation>実行なら学習時のテンプレート、別のモデルならそのチャットテンプレート(あれば)</translation>
    </message>
    <message>
        <source>A single question as it is, to be gone on with</source>
        <translation>一つの質問をそのまま渡し、続きを書かせます</translation>
    </message>
    <message>
        <source>As a fresh program samples</source>
        <translation>プログラムの初期設定に戻す</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Top p</source>
        <translation>Top p</translation>
    </message>
    <message>
        <source>Top k</source>
        <translation>Top k</translation>
    </message>
    <message>
        <source>Min p</source>
        <translation>Min p</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>シード</translation>
    </message>
    <message>
        <source>Repetition</source>
        <translation>繰り返し抑制</translation>
    </message>
    <message>
        <source>New tokens</source>
        <translation>新規トークン</translation>
    </message>
    <message>
        <source>Template</source>
        <translation>テンプレート</translation>
    </message>
    <message>
        <source>The question is a message in the model&apos;s own template</source>
        <translation>質問は、モデル自身のテンプレートのメッセージになります</translation>
    </message>
    <message>
        <source>The model has no chat template</source>
        <translation>このモデルにはチャットテンプレートがありません</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ScoreCard</name>
    <message numerus="yes">
        <source>%1 questions</source>
        <translation>
            <numerusform>%1 問</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 questions</source>
        <translation>
            <numerusform>%2 問中 %1 問</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 pass@%2</source>
        <translation>%1 pass@%2</translation>
    </message>
    <message numerus="yes">
        <source>of %1 answers</source>
        <translation>
            <numerusform>回答 %1 個から</numerusform>
        </translation>
    </message>
    <message>
        <source>judged afterwards</source>
        <translation>あとで判定</translation>
    </message>
    <message>
        <source>%1 less %2</source>
        <translation>%1 − %2</translation>
    </message>
    <message>
        <source>Score</source>
        <translation>スコア</translation>
    </message>
    <message>
        <source>What is drawn</source>
        <translation>表示内容</translation>
    </message>
    <message>
        <source>all</source>
        <translation>すべて</translation>
    </message>
    <message>
        <source>differences</source>
        <translation>差</translation>
    </message>
    <message>
        <source>share right, 95 % interval (Wilson)</source>
        <translation>正答率、95 % 区間 (Wilson)</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>書き出し</translation>
    </message>
    <message>
        <source>The scores as a picture: PNG, SVG or PDF (Ctrl+Shift+E)</source>
        <translation>スコアを画像に書き出す: PNG、SVG、PDF (Ctrl+Shift+E)</translation>
    </message>
    <message>
        <source>share right, 95 % interval (questions drawn anew)</source>
        <translation>正答率、95 % 区間(問題のブートストラップ)</translation>
    </message>
    <message>
        <source>Export the scores</source>
        <translation>スコアを書き出す</translation>
    </message>
    <message>
        <source>Pictures (*.svg *.png *.pdf)</source>
        <translation>画像 (*.svg *.png *.pdf)</translation>
    </message>
    <message>
        <source>%1
rule %2</source>
        <translation>%1
規則 %2</translation>
    </message>
    <message>
        <source>lower is better
scale of its own</source>
        <translation>低いほど良い
目盛りは別</translation>
    </message>
    <message>
        <source>difference of
the shares</source>
        <translation>正答率の
差</translation>
    </message>
    <message>
        <source>difference of
the mean loss</source>
        <translation>平均損失の
差</translation>
    </message>
    <message>
        <source>difference, 95 % interval (Agresti and Min)</source>
        <translation>差、95 % 区間 (Agresti と Min)</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ScoreChart</name>
    <message>
        <source>Scores with their intervals</source>
        <translation>スコアとその区間</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1、%2</translation>
    </message>
    <message>
        <source>Score</source>
        <translation>スコア</translation>
    </message>
    <message>
        <source>95 % interval from %1 to %2</source>
        <translation>95 % 区間は %1 から %2</translation>
    </message>
    <message>
        <source>%1, not all is answered</source>
        <translation>%1、すべての回答がそろっていません</translation>
    </message>
    <message>
        <source>Scores come here with the first answers.</source>
        <translation>最初の回答が得られると、ここにスコアが表示されます。</translation>
    </message>
    <message>
        <source>%1: %2
%3</source>
        <translation>%1: %2
%3</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ScorePlot</name>
    <message>
        <source>none yet</source>
        <translation>まだありません</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SeedsModel</name>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>%1, the best of them</source>
        <translation>%1、この中で最良</translation>
    </message>
    <message>
        <source>Mean ± standard error over the seeds that came to a score</source>
        <translation>スコアが出たシードにわたる平均 ± 標準誤差</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>設定</translation>
    </message>
    <message>
        <source>Seeds</source>
        <translation>シード</translation>
    </message>
    <message>
        <source>Training loss</source>
        <translation>学習損失</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>パラメーター数</translation>
    </message>
    <message>
        <source>Time a run</source>
        <translation>1 実行の時間</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状態</translation>
    </message>
    <message>
        <source>Standard error</source>
        <translation>標準誤差</translation>
    </message>
    <message>
        <source>Seconds a run</source>
        <translation>1 実行の秒数</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SettingsCard</name>
    <message>
        <source>Four bits</source>
        <translation>4 ビット</translation>
    </message>
    <message>
        <source>Rank of the adapters</source>
        <translation>アダプターのランク</translation>
    </message>
    <message>
        <source>Iterations of %1</source>
        <translation>%1 の反復回数</translation>
    </message>
    <message>
        <source>Four-bit type</source>
        <translation>4 ビット形式</translation>
    </message>
    <message>
        <source>NF4</source>
        <translation>NF4</translation>
    </message>
    <message>
        <source>FP4</source>
        <translation>FP4</translation>
    </message>
    <message>
        <source>Absmax of a block</source>
        <translation>ブロックの absmax</translation>
    </message>
    <message>
        <source>float32</source>
        <translation>float32</translation>
    </message>
    <message>
        <source>8-bit</source>
        <translation>8 ビット</translation>
    </message>
    <message>
        <source>Singular value decomposition</source>
        <translation>特異値分解</translation>
    </message>
    <message>
        <source>exact</source>
        <translation>厳密</translation>
    </message>
    <message>
        <source>fast</source>
        <translation>高速</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>測定</translation>
    </message>
    <message>
        <source>Double quantization, as QLoRA trains</source>
        <translation>学習時の QLoRA と同じ二重量子化</translation>
    </message>
    <message>
        <source>Randomised, 16 power iterations</source>
        <translation>乱択法、べき乗反復 16 回</translation>
    </message>
    <message>
        <source>Rank r</source>
        <translation>ランク r</translation>
    </message>
    <message>
        <source>Iterations T</source>
        <translation>反復回数 T</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>形式</translation>
    </message>
    <message>
        <source>Absmax</source>
        <translation>absmax</translation>
    </message>
    <message>
        <source>SVD</source>
        <translation>SVD</translation>
    </message>
    <message>
        <source>Measure every matrix (Ctrl+Return)</source>
        <translation>すべての行列を測定 (Ctrl+Return)</translation>
    </message>
    <message>
        <source>Weights in four bits, share of bfloat16</source>
        <translation>4 ビットの重みの、bfloat16 に対する割合</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>重み</translation>
    </message>
    <message>
        <source>%1 is %2 × %3</source>
        <translation>%1 は %2 × %3 です</translation>
    </message>
    <message>
        <source>The rank %1: %2</source>
        <translation>ランク: %1。%2</translation>
    </message>
    <message>
        <source>The rank %1</source>
        <translation>ランク: %1</translation>
    </message>
    <message>
        <source>The iterations T %1</source>
        <translation>反復回数 T: %1</translation>
    </message>
    <message>
        <source>Copy command</source>
        <translation>コマンドをコピー</translation>
    </message>
    <message>
        <source>Copy the pissarro-cli line that measures the same</source>
        <translation>同じ測定をする pissarro-cli のコマンドをコピー</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>書き出し</translation>
    </message>
    <message>
        <source>Every matrix, norm and iteration as CSV</source>
        <translation>すべての行列、ノルム、反復を CSV で</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2 matrices</source>
        <translation>
            <numerusform>%2 行列中 %1</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 · %2 left</source>
        <translation>%1 · 残り %2</translation>
    </message>
    <message numerus="yes">
        <source>Measure quantizes %1 matrices, for the table and the map</source>
        <translation>
            <numerusform>「測定」は、表とマップのために %1 個の行列を量子化します</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message numerus="yes">
        <source>%1 matrices at r = %2, T = %3 in %4</source>
        <translation>
            <numerusform>%1 行列、r = %2、T = %3、所要時間 %4</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 · settings changed: measure again</source>
        <translation>%1 · 設定が変わりました: 測定し直してください</translation>
    </message>
    <message>
        <source>%1 of %2, %3</source>
        <translation>%2 のうち %1、%3</translation>
    </message>
    <message>
        <source>matrices: %1 in bfloat16, %2 in four bits (%3), %4 with 8-bit absmax (%5)</source>
        <translation>行列: bfloat16 で %1、4 ビットで %2 (%3)、8 ビット absmax なら %4 (%5)</translation>
    </message>
    <message numerus="yes">
        <source>Measure quantizes %1 matrices, in about %2 here</source>
        <translation>
            <numerusform>測定すると %1 個の行列を量子化します。このマシンで約 %2</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 · settings changed: measure again, about %2</source>
        <translation>%1 · 設定が変わりました: 測定し直すと約 %2</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SettingsDialog</name>
    <message>
        <source>Set by %1=%2 in the environment.</source>
        <translation>環境変数 %1=%2 で設定されています。</translation>
    </message>
    <message>
        <source>From the next start on.</source>
        <translation>次回の起動から有効になります。</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>削除</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>消去</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>設定</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>不明</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>表示</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>システムに合わせる</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>ライト</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>ダーク</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>テーマ(&amp;T)</translation>
    </message>
    <message>
        <source>Of the text of the system; rows and fields follow</source>
        <translation>システムの文字サイズに対する割合。行と欄の大きさも変わります</translation>
    </message>
    <message>
        <source>Text &amp;size</source>
        <translation>文字サイズ(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>言語(&amp;L)</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>実行結果</translation>
    </message>
    <message>
        <source>New runs</source>
        <translation>新しい学習</translation>
    </message>
    <message>
        <source>Also &amp;look in</source>
        <translation>追加で探す場所(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Add…</source>
        <translation>追加(&amp;A)…</translation>
    </message>
    <message>
        <source>Add a folder with runs</source>
        <translation>実行結果のフォルダーを追加</translation>
    </message>
    <message>
        <source>Look in the chosen folders no more</source>
        <translation>選んだフォルダーを探さない</translation>
    </message>
    <message>
        <source>The runs in it stay where they are</source>
        <translation>中の学習結果はそのまま残ります</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>確認する</translation>
    </message>
    <message>
        <source>Keep training, in a process of its own</source>
        <translation>別プロセスで学習を続ける</translation>
    </message>
    <message>
        <source>Stop, keep the adapter</source>
        <translation>停止し、アダプターを保存</translation>
    </message>
    <message>
        <source>&amp;Closing on a run</source>
        <translation>学習中に閉じるとき(&amp;C)</translation>
    </message>
    <message>
        <source>Computing</source>
        <translation>計算</translation>
    </message>
    <message>
        <source>All</source>
        <translation>すべて</translation>
    </message>
    <message>
        <source>T&amp;hreads</source>
        <translation>スレッド数(&amp;H)</translation>
    </message>
    <message>
        <source>Keep nothing</source>
        <translation>保存しない</translation>
    </message>
    <message>
        <source>Cache, at &amp;most</source>
        <translation>キャッシュの上限(&amp;M)</translation>
    </message>
    <message>
        <source>Cache now</source>
        <translation>現在のキャッシュ</translation>
    </message>
    <message>
        <source>Clear the cache</source>
        <translation>キャッシュを消去</translation>
    </message>
    <message>
        <source>What is needed again is computed again</source>
        <translation>必要になったものは計算し直します</translation>
    </message>
    <message>
        <source>This machine</source>
        <translation>このマシン</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>デバイス</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>メモリ</translation>
    </message>
    <message>
        <source>Free for runs</source>
        <translation>学習に使える空き容量</translation>
    </message>
    <message>
        <source>Trainer</source>
        <translation>トレーナー</translation>
    </message>
    <message>
        <source>Cache folder</source>
        <translation>キャッシュのフォルダー</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>ログ</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>バージョン</translation>
    </message>
    <message>
        <source>being counted…</source>
        <translation>集計中…</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>空</translation>
    </message>
    <message>
        <source>pissarro-cli: runs can go on without a window</source>
        <translation>pissarro-cli: ウィンドウなしでも学習を続けられます</translation>
    </message>
    <message>
        <source>pissarro-cli is not found: runs end with their window</source>
        <translation>pissarro-cli が見つかりません: 学習はウィンドウとともに終わります</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::ShadeScale</name>
    <message>
        <source>Scale of the shading: how likely a token was, from 0 to 1</source>
        <translation>色の濃さの目盛り: トークンの確率(0 から 1)</translation>
    </message>
    <message>
        <source>How likely a token was for the model: the deeper, the less it was sure</source>
        <translation>モデルから見たトークンの確率。色が濃いほど確信が低かったトークンです</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SigmaCard</name>
    <message>
        <source>Singular values</source>
        <translation>特異値</translation>
    </message>
    <message>
        <source>Scale of σ</source>
        <translation>σ の目盛り</translation>
    </message>
    <message>
        <source>log</source>
        <translation>対数</translation>
    </message>
    <message>
        <source>linear</source>
        <translation>線形</translation>
    </message>
    <message>
        <source>log–log</source>
        <translation>両対数</translation>
    </message>
    <message>
        <source>Singular values of</source>
        <translation>特異値の対象</translation>
    </message>
    <message>
        <source>σ</source>
        <translation>σ</translation>
    </message>
    <message>
        <source>residual</source>
        <translation>残差</translation>
    </message>
    <message>
        <source>ΔW</source>
        <translation>ΔW</translation>
    </message>
    <message>
        <source>Singular values over their index</source>
        <translation>番号に対する特異値</translation>
    </message>
    <message>
        <source>Compare…</source>
        <translation>比較…</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>書き出し</translation>
    </message>
    <message>
        <source>Logarithmic scale (Ctrl+G)</source>
        <translation>対数目盛り (Ctrl+G)</translation>
    </message>
    <message>
        <source>Linear scale (Ctrl+G)</source>
        <translation>線形目盛り (Ctrl+G)</translation>
    </message>
    <message>
        <source>Both axes logarithmic: a power law is a straight line (Ctrl+G)</source>
        <translation>両軸とも対数: べき乗則は直線になります (Ctrl+G)</translation>
    </message>
    <message>
        <source>Singular values of the weights (Ctrl+Shift+R)</source>
        <translation>重みの特異値 (Ctrl+Shift+R)</translation>
    </message>
    <message>
        <source>Singular values of PiSSA&apos;s frozen residual: those after the rank (Ctrl+Shift+R)</source>
        <translation>PiSSA の固定された残差の特異値: ランクより後のもの (Ctrl+Shift+R)</translation>
    </message>
    <message>
        <source>Singular values of what fine-tuning changed: choose a tuned model or adapter</source>
        <translation>ファインチューニングによる変化の特異値: 学習済みのモデルかアダプターを選んでください</translation>
    </message>
    <message>
        <source>Export the singular values</source>
        <translation>特異値を書き出す</translation>
    </message>
    <message>
        <source>Save as PNG, PDF, SVG or CSV, or copy (Ctrl+E)</source>
        <translation>PNG、PDF、SVG、CSV で保存、またはコピー (Ctrl+E)</translation>
    </message>
    <message>
        <source>index i</source>
        <translation>番号 i</translation>
    </message>
    <message>
        <source>%1 − base · %2</source>
        <translation>%1 − ベース · %2</translation>
    </message>
    <message>
        <source>Residual singular values</source>
        <translation>残差の特異値</translation>
    </message>
    <message>
        <source>Singular values of ΔW</source>
        <translation>ΔW の特異値</translation>
    </message>
    <message>
        <source>Choose a fine-tuned form of this model, or an adapter for it</source>
        <translation>このモデルをファインチューニングしたもの、またはそのアダプターを選択</translation>
    </message>
    <message>
        <source>ΔW = %1 − the open model</source>
        <translation>ΔW = %1 − 開いているモデル</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>Choose a fine-tuned model, or an adapter, to compare with</source>
        <translation>比べるための、ファインチューニング済みのモデルかアダプターを選んでください</translation>
    </message>
    <message>
        <source>Computing what fine-tuning changed…</source>
        <translation>ファインチューニングによる変化を計算中…</translation>
    </message>
    <message>
        <source>No change of these matrices is known</source>
        <translation>これらの行列の変化は分かりません</translation>
    </message>
    <message>
        <source>Computing the singular values…</source>
        <translation>特異値を計算中…</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SourceCard</name>
    <message>
        <source>Alpaca</source>
        <translation>Alpaca</translation>
    </message>
    <message>
        <source>chat</source>
        <translation>チャット</translation>
    </message>
    <message>
        <source>plain</source>
        <translation>原文</translation>
    </message>
    <message>
        <source>every answer</source>
        <translation>すべての回答</translation>
    </message>
    <message>
        <source>the last</source>
        <translation>最後のみ</translation>
    </message>
    <message>
        <source>Data set</source>
        <translation>データセット</translation>
    </message>
    <message>
        <source>Data file</source>
        <translation>データファイル</translation>
    </message>
    <message>
        <source>Template</source>
        <translation>テンプレート</translation>
    </message>
    <message>
        <source>Answers that are learned</source>
        <translation>学習する回答</translation>
    </message>
    <message>
        <source>Train on this</source>
        <translation>このデータで学習</translation>
    </message>
    <message>
        <source>Copy as command</source>
        <translation>コマンドをコピー</translation>
    </message>
    <message>
        <source>Longest row, in tokens</source>
        <translation>1 行の最大トークン数</translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 トークン</numerusform>
        </translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>列</translation>
    </message>
    <message>
        <source>Loss on</source>
        <translation>損失の対象</translation>
    </message>
    <message>
        <source>Longest row</source>
        <translation>最大行長</translation>
    </message>
    <message numerus="yes">
        <source>%1 · %2 rows</source>
        <translation>
            <numerusform>%1 · %2 行</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 · the first %2 rows are read</source>
        <translation>
            <numerusform>%1 · 先頭 %2 行を読み込み済み</numerusform>
        </translation>
    </message>
    <message>
        <source>reading…</source>
        <translation>読み込み中…</translation>
    </message>
    <message>
        <source>no row is cut</source>
        <translation>切り詰める行はありません</translation>
    </message>
    <message numerus="yes">
        <source>%1 rows are cut (%2)</source>
        <translation>
            <numerusform>%1 行を切り詰め (%2)</numerusform>
        </translation>
    </message>
    <message>
        <source>Rows for training: %1</source>
        <translation>学習に使う行: %1</translation>
    </message>
    <message>
        <source>Tokens in an epoch: %1</source>
        <translation>1 エポックのトークン数: %1</translation>
    </message>
    <message>
        <source>Of them count for the loss: %1</source>
        <translation>うち損失の対象: %1</translation>
    </message>
    <message numerus="yes">
        <source>Batches in an epoch, %1 rows each: %2</source>
        <translation>
            <numerusform>1 エポックのバッチ数(各 %1 行): %2</numerusform>
        </translation>
    </message>
    <message>
        <source>Padding of a batch: %1</source>
        <translation>バッチのパディング: %1</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::Spectra</name>
    <message>
        <source>Could not compute the spectra</source>
        <translation>スペクトルを計算できませんでした</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SpectrumFacts</name>
    <message>
        <source>layer %1</source>
        <translation>第 %1 層</translation>
    </message>
    <message>
        <source>layer %1 · %2</source>
        <translation>第 %1 層 · %2</translation>
    </message>
    <message numerus="yes">
        <source>%1 · %n layers</source>
        <translation>
            <numerusform>%1 · %n 層</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 · layers %2</source>
        <translation>%1 · 層 %2</translation>
    </message>
    <message numerus="yes">
        <source>%n matrices</source>
        <translation>
            <numerusform>%n 個の行列</numerusform>
        </translation>
    </message>
    <message>
        <source>At rank %1, %2 of the energy Σσ² of %3 is kept.</source>
        <translation>ランク %1 で、%3 のエネルギー Σσ² の %2 が保たれます。</translation>
    </message>
    <message>
        <source>At rank %1 the selected matrices keep %2 of their energy Σσ² on average.
Each by itself: %3.</source>
        <translation>ランク %1 で、選択した行列のエネルギー Σσ² は平均 %2 保たれます。
個別の値: %3。</translation>
    </message>
    <message>
        <source>The knee of log σ of %1: after rank %2 the values fall more slowly.</source>
        <translation>%1 の log σ の屈曲点: ランク %2 の後は値の減り方が緩やかになります。</translation>
    </message>
    <message>
        <source>The knee of log σ, where the fall slows down: median of the selected matrices.
Each by itself: %1.</source>
        <translation>log σ の屈曲点(減り方が緩やかになるところ): 選択した行列の中央値。
個別の値: %1。</translation>
    </message>
    <message>
        <source>Singular values above the optimal hard threshold against white noise of the level of the median value (Gavish &amp; Donoho 2014).
Each by itself: %1.</source>
        <translation>中央値の水準の白色雑音に対する最適ハードしきい値を超える特異値 (Gavish &amp; Donoho 2014)。
個別の値: %1。</translation>
    </message>
    <message>
        <source>Singular values above the optimal hard threshold against white noise of the level of the median value (Gavish &amp; Donoho 2014), median of the selected matrices.
Each by itself: %1.</source>
        <translation>中央値の水準の白色雑音に対する最適ハードしきい値を超える特異値 (Gavish &amp; Donoho 2014)、選択した行列の中央値。
個別の値: %1。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SpectrumPage</name>
    <message>
        <source>The singular values of every matrix</source>
        <translation>すべての行列の特異値</translation>
    </message>
    <message>
        <source>Open a model: its spectra appear here within a second, and fill in behind.</source>
        <translation>モデルを開くと、スペクトルが 1 秒以内に表示され、残りも順に計算されます。</translation>
    </message>
    <message>
        <source>&amp;Compute missing spectra</source>
        <translation>未計算のスペクトルを計算(&amp;C)</translation>
    </message>
    <message>
        <source>Cancel the &amp;sweep</source>
        <translation>計算をキャンセル(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Logarithmic, linear or log–log</source>
        <translation>対数・線形・両対数(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Weights or residual</source>
        <translation>重みか残差か(&amp;W)</translation>
    </message>
    <message>
        <source>Rank that keeps &amp;90 % energy</source>
        <translation>エネルギーを 90 % 保つランク(&amp;9)</translation>
    </message>
    <message>
        <source>Rank at the &amp;knee</source>
        <translation>屈曲点のランク(&amp;K)</translation>
    </message>
    <message>
        <source>&amp;Change by fine-tuning</source>
        <translation>ファインチューニングによる変化(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Rank of each matrix…</source>
        <translation>各行列のランク(&amp;R)…</translation>
    </message>
    <message>
        <source>Measure the &amp;fast SVD…</source>
        <translation>高速 SVD を測定(&amp;F)…</translation>
    </message>
    <message>
        <source>E&amp;xport the plot…</source>
        <translation>グラフを書き出す(&amp;X)…</translation>
    </message>
    <message>
        <source>&amp;Show everything</source>
        <translation>全体を表示(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;Train with this rank</source>
        <translation>このランクで学習(&amp;T)</translation>
    </message>
    <message>
        <source>Could not export the map</source>
        <translation>マップを書き出せませんでした</translation>
    </message>
    <message>
        <source>Edited by hand.</source>
        <translation>手動で編集しました。</translation>
    </message>
    <message>
        <source>principal</source>
        <translation>主成分</translation>
    </message>
    <message>
        <source>minor</source>
        <translation>末尾</translation>
    </message>
    <message>
        <source>middle</source>
        <translation>中間</translation>
    </message>
    <message>
        <source>%1 · %2 to %3</source>
        <translation>%1 · %2–%3</translation>
    </message>
    <message>
        <source>Opens the Train page with this rank map (Ctrl+T)</source>
        <translation>このランクマップで「学習」ページを開く (Ctrl+T)</translation>
    </message>
    <message>
        <source>Opens the Train page with rank %1 (Ctrl+T)</source>
        <translation>ランク %1 で「学習」ページを開く (Ctrl+T)</translation>
    </message>
    <message>
        <source>%1 has only %2 singular values: choose a rank up to %2, or train fewer modules on the Train page</source>
        <translation>%1 の特異値は %2 個しかありません。%2 以下のランクを選ぶか、「学習」ページで学習するモジュールを減らしてください</translation>
    </message>
    <message>
        <source>The fast SVD is measured</source>
        <translation>高速 SVD を測定しました</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>表示</translation>
    </message>
    <message>
        <source>Tuned model or adapter folder…</source>
        <translation>学習済みのモデルかアダプターのフォルダー…</translation>
    </message>
    <message>
        <source>A fine-tuned form of this model, or a PEFT adapter for it</source>
        <translation>このモデルをファインチューニングしたもの、または PEFT アダプター</translation>
    </message>
    <message>
        <source>GGUF file…</source>
        <translation>GGUF ファイル…</translation>
    </message>
    <message>
        <source>A fine-tuned form of this model</source>
        <translation>このモデルをファインチューニングしたもの</translation>
    </message>
    <message>
        <source>GGUF (*.gguf)</source>
        <translation>GGUF (*.gguf)</translation>
    </message>
    <message>
        <source>A run</source>
        <translation>実行</translation>
    </message>
    <message>
        <source>End the comparison</source>
        <translation>比較を終える</translation>
    </message>
    <message>
        <source>No run of this model has ended yet</source>
        <translation>このモデルの実行で終わったものはまだありません</translation>
    </message>
    <message>
        <source>Spectrum of the change</source>
        <translation>変化のスペクトル</translation>
    </message>
    <message>
        <source>Singular values of what the run changed in each matrix (ΔW)</source>
        <translation>実行が各行列に加えた変化の特異値 (ΔW)</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::StatusStrip</name>
    <message>
        <source>What runs</source>
        <translation>実行中の作業</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>進み具合</translation>
    </message>
    <message>
        <source>Opening %1</source>
        <translation>%1 を開いています</translation>
    </message>
    <message>
        <source>and %1 more</source>
        <translation>ほか %1 件</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>and %1 more…</source>
        <translation>ほか %1 件…</translation>
    </message>
    <message>
        <source>Cancel…</source>
        <translation>キャンセル…</translation>
    </message>
    <message>
        <source>Cancel what runs</source>
        <translation>実行中の作業をキャンセル</translation>
    </message>
    <message>
        <source>Cancel: %1</source>
        <translation>キャンセル: %1</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>準備完了</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>残り %1</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>%1, cached</source>
        <translation>%1(キャッシュ)</translation>
    </message>
    <message>
        <source>Spectra %1 of %2</source>
        <translation>スペクトル %1 / %2</translation>
    </message>
    <message>
        <source>Preparing %1</source>
        <translation>%1 を準備中</translation>
    </message>
    <message>
        <source>step %1 of %2</source>
        <translation>ステップ %1 / %2</translation>
    </message>
    <message>
        <source>stopping, the adapter is kept</source>
        <translation>停止中(アダプターは残ります)</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>一時停止中</translation>
    </message>
    <message>
        <source>Training %1</source>
        <translation>%1 を学習中</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>What runs: %1</source>
        <translation>実行中の作業: %1</translation>
    </message>
    <message>
        <source>%1 · Undo</source>
        <translation>%1 · 元に戻す</translation>
    </message>
    <message>
        <source>Take it back (%1)</source>
        <translation>元に戻す(%1)</translation>
    </message>
    <message>
        <source>%1. Undo</source>
        <translation>%1。元に戻す</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>元に戻す</translation>
    </message>
    <message numerus="yes">
        <source>Sweep: %1 of %2 runs</source>
        <translation>
            <numerusform>スイープ: %2 件中 %1 件の実行</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::StepCard</name>
    <message>
        <source>example</source>
        <translation>例</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SummaryCard</name>
    <message>
        <source>Summary</source>
        <translation>概要</translation>
    </message>
    <message>
        <source>%1, of which %2 for keys and values</source>
        <translation>%1(うちキーとバリュー %2)</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>アーキテクチャ</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>パラメーター数</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>層</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>幅</translation>
    </message>
    <message>
        <source>Feed-forward</source>
        <translation>フィードフォワード</translation>
    </message>
    <message>
        <source>Heads</source>
        <translation>ヘッド</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>語彙</translation>
    </message>
    <message>
        <source>%1, head tied to embedding</source>
        <translation>%1、出力層は埋め込みと共有</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>コンテキスト</translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 トークン</numerusform>
        </translation>
    </message>
    <message>
        <source>Stored as</source>
        <translation>保存形式</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1、%2</translation>
    </message>
    <message>
        <source>File</source>
        <translation>ファイル</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>フォルダー</translation>
    </message>
    <message>
        <source>Experts</source>
        <translation>エキスパート</translation>
    </message>
    <message>
        <source>%1 of %2 for each token, %3 wide</source>
        <translation>トークンごとに %2 個中 %1 個、幅 %3</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SweepPage</name>
    <message>
        <source>Run what models write?</source>
        <translation>モデルが書いたコードを実行しますか?</translation>
    </message>
    <message>
        <source>The sweep was not loaded</source>
        <translation>スイープを読み込めませんでした</translation>
    </message>
    <message>
        <source>Load a sweep or a run&apos;s spec</source>
        <translation>スイープか実行の設定を読み込む</translation>
    </message>
    <message>
        <source>Sweeps and specs (*.json);;All files (*)</source>
        <translation>スイープと設定 (*.json);;すべてのファイル (*)</translation>
    </message>
    <message>
        <source>Open a sweep&apos;s folder</source>
        <translation>スイープのフォルダーを開く</translation>
    </message>
    <message>
        <source>The sweep is paused</source>
        <translation>スイープは一時停止中です</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>続ける</translation>
    </message>
    <message>
        <source>Which method, at which rank and rate? Start the sweep at the left, or open one.</source>
        <translation>どの手法を、どのランクと学習率で? 左でスイープを開始するか、既存のものを開いてください。</translation>
    </message>
    <message>
        <source>Reading the sweep…</source>
        <translation>スイープを読み込んでいます…</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>一時停止(&amp;P)</translation>
    </message>
    <message>
        <source>Go &amp;on</source>
        <translation>続ける(&amp;O)</translation>
    </message>
    <message>
        <source>Pause in all programs that work at it; what is trained stays</source>
        <translation>このスイープを実行しているすべてのプログラムで一時停止します。学習した分は残ります</translation>
    </message>
    <message>
        <source>Train what is left, each run from its checkpoint</source>
        <translation>残りを学習します。各実行はチェックポイントから続けます</translation>
    </message>
    <message>
        <source>The run has not begun</source>
        <translation>実行はまだ始まっていません</translation>
    </message>
    <message>
        <source>%1 waits in the queue.</source>
        <translation>%1 はキューで待機中です。</translation>
    </message>
    <message>
        <source>The finished runs are asked for programs, which are scored by running them, in a process without network and files. Agree to that?</source>
        <translation>終わった実行にプログラムを書かせ、ネットワークもファイルも使えないプロセスで実行して採点します。同意しますか?</translation>
    </message>
    <message>
        <source>Which method, at which rank and rate?</source>
        <translation>どの手法を、どのランクと学習率で?</translation>
    </message>
    <message>
        <source>Choose a model and data on the Train page: a sweep over its settings is proposed here. Or open one that was begun in another window or on the command line.</source>
        <translation>「学習」ページでモデルとデータを選ぶと、その設定を変えるスイープがここで提案されます。別のウィンドウやコマンドラインで始めたものを開くこともできます。</translation>
    </message>
    <message>
        <source>Choose settings to vary</source>
        <translation>変える設定を選ぶ</translation>
    </message>
    <message>
        <source>&amp;Start the sweep</source>
        <translation>スイープを開始(&amp;S)</translation>
    </message>
    <message>
        <source>From the &amp;Train page</source>
        <translation>「学習」ページから(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;Load a file…</source>
        <translation>ファイルを読み込む(&amp;L)…</translation>
    </message>
    <message>
        <source>&amp;Open a sweep…</source>
        <translation>スイープを開く(&amp;O)…</translation>
    </message>
    <message>
        <source>Close the sweep</source>
        <translation>スイープを閉じる</translation>
    </message>
    <message>
        <source>Copy as co&amp;mmand</source>
        <translation>コマンドをコピー(&amp;M)</translation>
    </message>
    <message>
        <source>A short ramp of each method, from rates at which nothing is learned to those at which the loss runs away</source>
        <translation>各手法を短時間だけ、何も学習しない学習率から損失が発散する学習率まで上げながら学習します</translation>
    </message>
    <message>
        <source>Trains two to four ranks for a few steps on the same batches</source>
        <translation>二つから四つのランクを、同じバッチで数ステップ学習します</translation>
    </message>
    <message>
        <source>Retr&amp;y</source>
        <translation>再試行(&amp;Y)</translation>
    </message>
    <message>
        <source>The chosen run, or all that failed, wait again</source>
        <translation>選んだ実行、または失敗したすべての実行を、ふたたび待機させます</translation>
    </message>
    <message>
        <source>S&amp;kip the run</source>
        <translation>実行をスキップ(&amp;K)</translation>
    </message>
    <message>
        <source>Earlier in the queue</source>
        <translation>キューの前へ</translation>
    </message>
    <message>
        <source>Later in the queue</source>
        <translation>キューの後へ</translation>
    </message>
    <message>
        <source>Open the run</source>
        <translation>実行を開く</translation>
    </message>
    <message>
        <source>Copy table as CSV</source>
        <translation>表を CSV でコピー</translation>
    </message>
    <message>
        <source>Find &amp;rates</source>
        <translation>学習率を探す(&amp;R)</translation>
    </message>
    <message>
        <source>Try r&amp;anks</source>
        <translation>ランクを試す(&amp;A)</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SweepPlanner</name>
    <message>
        <source>Search for learning rates</source>
        <translation>学習率の探索</translation>
    </message>
    <message>
        <source>Trial of ranks</source>
        <translation>ランクの試行</translation>
    </message>
    <message>
        <source>Could not measure this machine</source>
        <translation>このマシンを測定できませんでした</translation>
    </message>
    <message>
        <source>Could not find learning rates</source>
        <translation>学習率を見つけられませんでした</translation>
    </message>
    <message>
        <source>Could not try the ranks</source>
        <translation>ランクを試せませんでした</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::SweepQueue</name>
    <message>
        <source>The sweep was not changed</source>
        <translation>スイープを変更できませんでした</translation>
    </message>
    <message>
        <source>The sweep was not opened</source>
        <translation>スイープを開けませんでした</translation>
    </message>
    <message>
        <source>The sweep stopped</source>
        <translation>スイープが停止しました</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::TaskRow</name>
    <message>
        <source>Answered of %1</source>
        <translation>%1 の回答済み</translation>
    </message>
    <message>
        <source>File of %1</source>
        <translation>%1 のファイル</translation>
    </message>
    <message>
        <source>Choose the file of %1</source>
        <translation>%1 のファイルを選択</translation>
    </message>
    <message>
        <source>choose a file</source>
        <translation>ファイルを選択</translation>
    </message>
    <message>
        <source>done</source>
        <translation>完了</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失敗</translation>
    </message>
    <message>
        <source>next</source>
        <translation>次</translation>
    </message>
    <message>
        <source>not begun</source>
        <translation>未開始</translation>
    </message>
    <message>
        <source>not readable</source>
        <translation>読み取り不可</translation>
    </message>
    <message>
        <source>no file</source>
        <translation>ファイルなし</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::TestQuestions</name>
    <message>
        <source>The questions could not be read</source>
        <translation>問題を読み込めませんでした</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::TokenCard</name>
    <message>
        <source>Token</source>
        <translation>トークン</translation>
    </message>
    <message>
        <source>Click a token of an answer: what else could have stood there</source>
        <translation>回答のトークンをクリックすると、そこに入りえた別のトークンを表示します</translation>
    </message>
    <message>
        <source>Tokens that could stand there, the likeliest first</source>
        <translation>この位置に入りうるトークン(確率の高い順)</translation>
    </message>
    <message>
        <source>Double click or Enter: the answer goes on from this token instead</source>
        <translation>ダブルクリックか Enter で、このトークンから回答を書き直します</translation>
    </message>
    <message>
        <source>«%1», %2</source>
        <translation>「%1」、%2</translation>
    </message>
    <message>
        <source>Double click: go on with another.</source>
        <translation>ダブルクリックで、別のトークンから続けます。</translation>
    </message>
    <message>
        <source>%1, probability %2</source>
        <translation>%1、確率 %2</translation>
    </message>
    <message>
        <source>%1 gives it %2.</source>
        <translation>%1 では %2。</translation>
    </message>
    <message>
        <source>&lt; 0.001</source>
        <translation>&lt; 0.001</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::TokenizerCard</name>
    <message>
        <source>Try the tokenizer</source>
        <translation>トークナイザーを試す</translation>
    </message>
    <message>
        <source>Text to tokenize</source>
        <translation>トークン化するテキスト</translation>
    </message>
    <message>
        <source>Type a text to see its tokens</source>
        <translation>テキストを入力するとトークンが表示されます</translation>
    </message>
    <message>
        <source>Singular values tell which directions matter: σ₁ ≥ σ₂ ≥ … ≥ 0.</source>
        <translation>特異値はどの方向が重要かを示します: σ₁ ≥ σ₂ ≥ … ≥ 0。</translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens in the first %2 of %3 characters</source>
        <translation>
            <numerusform>%3 文字中、先頭 %2 文字で %1 トークン</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 tokens</source>
        <translation>
            <numerusform>%1 トークン</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::TopBar</name>
    <message>
        <source>Memory %1 of %2</source>
        <translation>メモリ %1 / %2</translation>
    </message>
    <message>
        <source>What the model is</source>
        <translation>モデルの概要</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>デバイス</translation>
    </message>
    <message>
        <source>Memory in use</source>
        <translation>使用中のメモリ</translation>
    </message>
    <message>
        <source>Open model…</source>
        <translation>モデルを開く…</translation>
    </message>
    <message>
        <source>Model and machine</source>
        <translation>モデルとマシン</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>Switch between light and dark</source>
        <translation>ライトとダークを切り替える</translation>
    </message>
    <message>
        <source>Open model</source>
        <translation>モデルを開く</translation>
    </message>
    <message>
        <source>Open a model folder or a .gguf file (Ctrl+O)</source>
        <translation>モデルのフォルダーまたは .gguf ファイルを開く (Ctrl+O)</translation>
    </message>
    <message>
        <source>No model open</source>
        <translation>モデル未選択</translation>
    </message>
    <message>
        <source>More menus</source>
        <translation>その他のメニュー</translation>
    </message>
    <message>
        <source>Light (Ctrl+Shift+L)</source>
        <translation>ライト (Ctrl+Shift+L)</translation>
    </message>
    <message>
        <source>Dark (Ctrl+Shift+L)</source>
        <translation>ダーク (Ctrl+Shift+L)</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::TrainExample</name>
    <message>
        <source>Train it beside LoRA</source>
        <translation>LoRA と並べて学習する</translation>
    </message>
    <message>
        <source>PiSSA and its LoRA twin see the same batches; both curves draw live.</source>
        <translation>PiSSA と LoRA ツインを同じバッチで学習し、両方の曲線をその場で描きます。</translation>
    </message>
    <message>
        <source>Losses of two example runs</source>
        <translation>二つの実行例の損失</translation>
    </message>
    <message>
        <source>SmolLM2-135M-Instruct on GSM8K, rank %1, learning rate 2e-4, one seed</source>
        <translation>GSM8K で SmolLM2-135M-Instruct、ランク %1、学習率 2e-4、シード一つ</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>損失</translation>
    </message>
    <message>
        <source>PiSSA, last %1</source>
        <translation>PiSSA、最後 %1</translation>
    </message>
    <message>
        <source>LoRA, last %1</source>
        <translation>LoRA、最後 %1</translation>
    </message>
    <message>
        <source>difference</source>
        <translation>差</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::TrainForm</name>
    <message>
        <source>none</source>
        <translation>なし</translation>
    </message>
    <message numerus="yes">
        <source>⚠ %n notes on the data</source>
        <translation>
            <numerusform>⚠ データの注意 %n 件</numerusform>
        </translation>
    </message>
    <message>
        <source>alpha / √rank</source>
        <translation>α / √ランク</translation>
    </message>
    <message>
        <source>alpha / rank</source>
        <translation>α / ランク</translation>
    </message>
    <message>
        <source>scale %1 = %2</source>
        <translation>スケール %1 = %2</translation>
    </message>
    <message numerus="yes">
        <source>%1 entries of the rank map name no module that trains</source>
        <translation>
            <numerusform>ランクマップの %1 件は、学習しないモジュールを指しています</numerusform>
        </translation>
    </message>
    <message>
        <source>one pass: more take more of the quantization error</source>
        <translation>1 回のみ: 回数を増やすと量子化誤差がさらに減ります</translation>
    </message>
    <message numerus="yes">
        <source>%1 rows a step</source>
        <translation>
            <numerusform>1 ステップ %1 行</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>more than the %1 rows of the data</source>
        <translation>
            <numerusform>データの %1 行より多くなっています</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>the model was made for %1 tokens</source>
        <translation>
            <numerusform>このモデルの上限は %1 トークンです</numerusform>
        </translation>
    </message>
    <message>
        <source>columns: %1</source>
        <translation>列: %1</translation>
    </message>
    <message>
        <source>ready micro-batches of a file</source>
        <translation>ファイルの作成済みマイクロバッチ</translation>
    </message>
    <message>
        <source>%1 · enough for the demo data</source>
        <translation>%1 · デモデータには十分</translation>
    </message>
    <message>
        <source>reading…</source>
        <translation>読み込み中…</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>長さ</translation>
    </message>
    <message>
        <source>must be a whole number of steps, from 1</source>
        <translation>1 以上の整数のステップ数にしてください</translation>
    </message>
    <message>
        <source>Modules:</source>
        <translation>モジュール</translation>
    </message>
    <message>
        <source>choose at least one, or type a pattern</source>
        <translation>1 つ以上選ぶか、パターンを入力してください</translation>
    </message>
    <message>
        <source>The rank map</source>
        <translation>ランクマップ</translation>
    </message>
    <message>
        <source>names no module that trains; make another one, or use one rank</source>
        <translation>学習するモジュールを 1 つも指していません。作り直すか、共通のランクを使ってください</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>ランク</translation>
    </message>
    <message>
        <source>The device</source>
        <translation>デバイス</translation>
    </message>
    <message>
        <source>must be one of this machine&apos;s, found %1</source>
        <translation>このマシンのものを選んでください(現在 %1)</translation>
    </message>
    <message>
        <source>Open a model first.</source>
        <translation>まずモデルを開いてください。</translation>
    </message>
    <message>
        <source>Choose a data file first.</source>
        <translation>まずデータファイルを選んでください。</translation>
    </message>
    <message>
        <source>The data</source>
        <translation>データ</translation>
    </message>
    <message>
        <source>could not be read: %1</source>
        <translation>読み込めませんでした: %1</translation>
    </message>
    <message>
        <source>The data file is being read.</source>
        <translation>データファイルを読み込んでいます。</translation>
    </message>
    <message>
        <source>The run folder</source>
        <translation>実行フォルダー</translation>
    </message>
    <message>
        <source>holds a run already; choose a new one</source>
        <translation>すでに学習結果があります。新しいフォルダーを選んでください</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>手法</translation>
    </message>
    <message>
        <source>Twin on the same batches</source>
        <translation>同じバッチで学習するツイン</translation>
    </message>
    <message>
        <source>Twin</source>
        <translation>ツイン</translation>
    </message>
    <message>
        <source>Alpha</source>
        <translation>アルファ</translation>
    </message>
    <message>
        <source>The update is scaled with alpha; follows the rank until typed</source>
        <translation>更新をアルファでスケールします。入力するまではランクに従います</translation>
    </message>
    <message>
        <source>Rank, alpha</source>
        <translation>ランク、α</translation>
    </message>
    <message>
        <source>Modules</source>
        <translation>モジュール</translation>
    </message>
    <message>
        <source>Data file</source>
        <translation>データファイル</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>データ</translation>
    </message>
    <message>
        <source>How a row becomes a prompt</source>
        <translation>行をプロンプトにする方法</translation>
    </message>
    <message>
        <source>chat</source>
        <translation>チャット</translation>
    </message>
    <message>
        <source>plain</source>
        <translation>原文</translation>
    </message>
    <message>
        <source>The paper&apos;s: «Below is an instruction … ### Response:», then the answer</source>
        <translation>論文の形式:「Below is an instruction … ### Response:」のあとに回答</translation>
    </message>
    <message>
        <source>The model&apos;s own chat template, with its roles, end marks and system texts; the last answer of a conversation is learned, or those that its messages name by weight or train</source>
        <translation>モデル自身のチャットテンプレート(役割、終端記号、システム文を含む)。会話の最後の回答、または weight や train で指定された回答を学習します</translation>
    </message>
    <message>
        <source>The row&apos;s own text and nothing else, then the answer</source>
        <translation>行のテキストだけをそのまま使い、そのあとに回答</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>プロンプト</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学習率</translation>
    </message>
    <message>
        <source>Schedule of the learning rate</source>
        <translation>学習率のスケジュール</translation>
    </message>
    <message>
        <source>Length of the run</source>
        <translation>学習の長さ</translation>
    </message>
    <message>
        <source>Unit of the length</source>
        <translation>長さの単位</translation>
    </message>
    <message>
        <source>epochs</source>
        <translation>エポック</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>ステップ</translation>
    </message>
    <message>
        <source>Precision of the base</source>
        <translation>ベースの精度</translation>
    </message>
    <message>
        <source>%1 base</source>
        <translation>%1 のベース</translation>
    </message>
    <message>
        <source>Adapters are float32 in either case</source>
        <translation>アダプターは常に float32 です</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>精度</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>デバイス</translation>
    </message>
    <message>
        <source>Run folder</source>
        <translation>保存先</translation>
    </message>
    <message>
        <source>Where it trains</source>
        <translation>学習する場所</translation>
    </message>
    <message>
        <source>window</source>
        <translation>ウィンドウ</translation>
    </message>
    <message>
        <source>Runs in</source>
        <translation>実行場所</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自動</translation>
    </message>
    <message>
        <source>Closing the window, or a crash of it, does not end the run; the program finds it again when it starts</source>
        <translation>ウィンドウを閉じても、異常終了しても、学習は終わりません。次の起動時にふたたび表示されます</translation>
    </message>
    <message>
        <source>pissarro-cli is neither beside the program nor on the PATH</source>
        <translation>pissarro-cli がプログラムの隣にも PATH 上にもありません</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>a field, and what is wrong with it</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>auto: %1</source>
        <translation>自動: %1</translation>
    </message>
    <message>
        <source>%1, same rows</source>
        <translation>%1(同じバッチ)</translation>
    </message>
    <message>
        <source>process</source>
        <translation>別プロセス</translation>
    </message>
    <message>
        <source>Show the basic settings</source>
        <translation>基本設定を表示</translation>
    </message>
    <message>
        <source>Show the advanced settings</source>
        <translation>詳細設定を表示</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>How long</source>
        <translation>長さ</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>場所</translation>
    </message>
    <message>
        <source>Pattern</source>
        <translation>パターン</translation>
    </message>
    <message>
        <source>must be a number, such as 2e-5</source>
        <translation>数値で入力してください(例: 2e-5)</translation>
    </message>
    <message>
        <source>The twin&apos;s rate</source>
        <translation>ツインの学習率</translation>
    </message>
    <message>
        <source>must be above 0 and at most 1</source>
        <translation>0 より大きく 1 以下で入力してください</translation>
    </message>
    <message>
        <source>The twin&apos;s learning rate</source>
        <translation>ツインの学習率</translation>
    </message>
    <message>
        <source>by a ramp</source>
        <translation>試して決める</translation>
    </message>
    <message>
        <source>same</source>
        <translation>同じ</translation>
    </message>
    <message>
        <source>own:</source>
        <translation>個別:</translation>
    </message>
    <message>
        <source>The twin&apos;s own learning rate</source>
        <translation>ツインだけの学習率</translation>
    </message>
    <message>
        <source>Find it now</source>
        <translation>今すぐ探す</translation>
    </message>
    <message>
        <source>Find a learning rate for the twin</source>
        <translation>ツインの学習率を探す</translation>
    </message>
    <message>
        <source>Trains the twin for 50 steps with a rate that grows, and proposes one; nothing of it stays</source>
        <translation>学習率を上げながらツインを 50 ステップ学習し、一つを提案します。学習結果は残りません</translation>
    </message>
    <message>
        <source>Twin&apos;s rate</source>
        <translation>ツインの学習率</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Look for no learning rate</source>
        <translation>学習率を探すのをやめる</translation>
    </message>
    <message>
        <source>the twin&apos;s own is found by a ramp before the start</source>
        <translation>ツインの学習率は開始前に試して決めます</translation>
    </message>
    <message>
        <source>the twin has its own, %1</source>
        <translation>ツインは個別の学習率 %1</translation>
    </message>
    <message>
        <source>at one rate: its best may lie elsewhere, and with it the order</source>
        <translation>同じ学習率: 最良の値は別にあるかもしれず、順序も変わりえます</translation>
    </message>
    <message>
        <source>50 steps with a rate that grows, before the first step</source>
        <translation>最初のステップの前に、学習率を上げながら 50 ステップ</translation>
    </message>
    <message>
        <source>‹ Basic</source>
        <translation>‹ 基本</translation>
    </message>
    <message>
        <source>Advanced ›</source>
        <translation>詳細 ›</translation>
    </message>
    <message>
        <source>Rows (*.jsonl *.json *.csv *.tsv *.txt *.gz *.zst);;Ready micro-batches (*.safetensors);;All files (*)</source>
        <translation>データ (*.jsonl *.json *.csv *.tsv *.txt *.gz *.zst);;作成済みマイクロバッチ (*.safetensors);;すべてのファイル (*)</translation>
    </message>
    <message>
        <source>.jsonl, .json, .csv, .tsv or .txt</source>
        <translation>.jsonl、.json、.csv、.tsv、または .txt</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::TrainPage</name>
    <message>
        <source>Loss</source>
        <translation>損失</translation>
    </message>
    <message>
        <source>Open a model to train it</source>
        <translation>学習するモデルを開いてください</translation>
    </message>
    <message>
        <source>PiSSA and its LoRA twin train on the same batches; both losses draw live.</source>
        <translation>PiSSA と LoRA ツインを同じバッチで学習し、両方の損失をその場で描きます。</translation>
    </message>
    <message>
        <source>New run</source>
        <translation>新しい学習</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>学習</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>一時停止</translation>
    </message>
    <message>
        <source>Stop and keep</source>
        <translation>停止して保存</translation>
    </message>
    <message>
        <source>Copy as command</source>
        <translation>コマンドをコピー</translation>
    </message>
    <message>
        <source>Save spec…</source>
        <translation>設定を保存…</translation>
    </message>
    <message>
        <source>Load spec…</source>
        <translation>設定を読み込む…</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>元に戻す</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>やり直す</translation>
    </message>
    <message>
        <source>The spec was not loaded</source>
        <translation>設定を読み込めませんでした</translation>
    </message>
    <message>
        <source>The model of the spec, %1, was not opened (%2); open it, or another one.</source>
        <translation>設定のモデル %1 を開けませんでした (%2)。これか別のモデルを開いてください。</translation>
    </message>
    <message>
        <source>Preparing…</source>
        <translation>準備中…</translation>
    </message>
    <message>
        <source>Copied ✓</source>
        <translation>コピーしました ✓</translation>
    </message>
    <message>
        <source>Choose a data file: its rows appear here, the tokens that count for the loss tinted.</source>
        <translation>データファイルを選ぶと、その行がここに表示されます。損失の対象のトークンには色がつきます。</translation>
    </message>
    <message>
        <source>The command would not run: %1</source>
        <translation>このコマンドは実行できません: %1</translation>
    </message>
    <message>
        <source>The run is being prepared: its losses draw here.</source>
        <translation>学習を準備中です。損失がここに描かれます。</translation>
    </message>
    <message>
        <source>Press «%1»: the losses draw here, step by step.</source>
        <translation>「%1」を押すと、損失がステップごとにここに描かれます。</translation>
    </message>
    <message>
        <source>known once a model is open</source>
        <translation>モデルを開くと表示されます</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>再開</translation>
    </message>
    <message>
        <source>Save spec</source>
        <translation>設定を保存</translation>
    </message>
    <message>
        <source>Load spec</source>
        <translation>設定を読み込む</translation>
    </message>
    <message>
        <source>Run specs (*.json);;All files (*)</source>
        <translation>学習の設定 (*.json);;すべてのファイル (*)</translation>
    </message>
    <message>
        <source>The spec was not saved</source>
        <translation>設定を保存できませんでした</translation>
    </message>
    <message>
        <source>The form holds %1</source>
        <translation>フォームに %1 を読み込みました</translation>
    </message>
    <message>
        <source>The form holds the settings of another run</source>
        <translation>フォームに別の学習の設定を読み込みました</translation>
    </message>
    <message>
        <source>Go on where you were?</source>
        <translation>前回の続きから始めますか?</translation>
    </message>
    <message>
        <source>%1 with %2</source>
        <translation>%1、データ %2</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>続ける</translation>
    </message>
    <message>
        <source>All is as you left it</source>
        <translation>前回の状態に戻しました</translation>
    </message>
    <message>
        <source>filling the form</source>
        <translation>フォームの入力</translation>
    </message>
    <message>
        <source>The model of the spec, %1, is being opened.</source>
        <translation>設定のモデル %1 を開いています。</translation>
    </message>
    <message>
        <source>Pause the run %1? It trains in process %2, started by %3 and not by this window.</source>
        <translation>学習 %1 を一時停止しますか? %3 が始めたプロセス %2 で実行中で、このウィンドウのものではありません。</translation>
    </message>
    <message>
        <source>Go on with the run %1? It trains in process %2, started by %3 and not by this window.</source>
        <translation>学習 %1 を再開しますか? %3 が始めたプロセス %2 で実行中で、このウィンドウのものではありません。</translation>
    </message>
    <message>
        <source>Stop the run %1? It trains in process %2, started by %3 and not by this window.</source>
        <translation>学習 %1 を停止しますか? %3 が始めたプロセス %2 で実行中で、このウィンドウのものではありません。</translation>
    </message>
    <message>
        <source>The demo is set up</source>
        <translation>デモの準備ができました</translation>
    </message>
    <message>
        <source>A run in progress</source>
        <translation>学習を実行中</translation>
    </message>
    <message>
        <source>A run is in progress; this one would wait for its end.</source>
        <translation>学習を実行中です。この学習は終了を待って始まります。</translation>
    </message>
    <message>
        <source>A run of this window is in progress. Begin this one when it has ended?</source>
        <translation>このウィンドウの学習を実行中です。終わったらこの学習を始めますか?</translation>
    </message>
    <message>
        <source>Looking for a learning rate…</source>
        <translation>学習率を探しています…</translation>
    </message>
    <message>
        <source>Its model and data are open; the run folder has a fresh name.</source>
        <translation>モデルとデータを開いてあります。実行フォルダーには新しい名前がついています。</translation>
    </message>
    <message>
        <source>The run folder has a fresh name.</source>
        <translation>実行フォルダーには新しい名前がついています。</translation>
    </message>
    <message>
        <source>The run of this window has ended. Begin this one now?</source>
        <translation>このウィンドウの実行は終わりました。この実行を今始めますか?</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::TrainingSession</name>
    <message>
        <source>Training failed</source>
        <translation>学習に失敗しました</translation>
    </message>
    <message>
        <source>Run %1, which waits</source>
        <translation>実行 %1(待機中)</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::TranscriptView</name>
    <message>
        <source>%1, rank %2 of %3</source>
        <translation>%1、%3 中 %2 位</translation>
    </message>
    <message>
        <source>%1, rank %2</source>
        <translation>%1、%2 位</translation>
    </message>
    <message>
        <source>%1, rank %2 of %3, %4 s after the question</source>
        <translation>%1、%3 中 %2 位、質問から %4 秒</translation>
    </message>
    <message>
        <source>token %1</source>
        <translation>トークン %1</translation>
    </message>
    <message>
        <source>text</source>
        <translation>テキスト</translation>
    </message>
    <message>
        <source>probability</source>
        <translation>確率</translation>
    </message>
    <message>
        <source>rank</source>
        <translation>順位</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::TwinsModel</name>
    <message>
        <source>not yet</source>
        <translation>まだ</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>%1 回目</translation>
    </message>
    <message numerus="yes">
        <source>Mean loss of the last %n steps, nats</source>
        <translation>
            <numerusform>直近 %n ステップの平均損失 (nats)</numerusform>
        </translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>差</translation>
    </message>
    <message>
        <source>to %1</source>
        <translation>%1 との差</translation>
    </message>
    <message>
        <source>last %1</source>
        <translation>直近 %1</translation>
    </message>
    <message numerus="yes">
        <source>%1 minus %2, over the same %n steps; below 0 the first is ahead</source>
        <translation>
            <numerusform>同じ %n ステップでの %1 − %2。0 より小さければ前者が優勢です</numerusform>
        </translation>
    </message>
    <message>
        <source>run</source>
        <translation>学習</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>損失</translation>
    </message>
    <message>
        <source>step</source>
        <translation>ステップ</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::UpdateMapsCard</name>
    <message>
        <source>Where the update went</source>
        <translation>更新が向かった先</translation>
    </message>
    <message>
        <source>What the maps show</source>
        <translation>マップの内容</translation>
    </message>
    <message>
        <source>A and B</source>
        <translation>A と B</translation>
    </message>
    <message>
        <source>A − B</source>
        <translation>A − B</translation>
    </message>
    <message>
        <source>click a cell for its matrix</source>
        <translation>セルをクリックすると行列を表示</translation>
    </message>
    <message>
        <source>Change of each matrix, run A</source>
        <translation>各行列の変化、実行 A</translation>
    </message>
    <message>
        <source>Change of each matrix, run B</source>
        <translation>各行列の変化、実行 B</translation>
    </message>
    <message>
        <source>Effective rank of each change, run A</source>
        <translation>各変化の有効ランク、実行 A</translation>
    </message>
    <message>
        <source>Effective rank of each change, run B</source>
        <translation>各変化の有効ランク、実行 B</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>層</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>層</translation>
    </message>
    <message>
        <source>Checkpoint that the maps show</source>
        <translation>マップに表示するチェックポイント</translation>
    </message>
    <message>
        <source>The checkpoint that the maps show (Alt+Left, Alt+Right)</source>
        <translation>マップに表示するチェックポイント (Alt+←、Alt+→)</translation>
    </message>
    <message>
        <source>Use the ranks that A needs</source>
        <translation>A に必要なランクを使う</translation>
    </message>
    <message>
        <source>Use the ranks that B needs</source>
        <translation>B に必要なランクを使う</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>ステップ %1</translation>
    </message>
    <message>
        <source>Change ‖ΔW‖ / ‖W‖</source>
        <translation>変化 ‖ΔW‖ / ‖W‖</translation>
    </message>
    <message>
        <source>Effective rank of ΔW</source>
        <translation>ΔW の有効ランク</translation>
    </message>
    <message>
        <source>%1, A − B</source>
        <translation>%1、A − B</translation>
    </message>
    <message>
        <source>No run trained such a matrix</source>
        <translation>この行列を学習した実行はありません</translation>
    </message>
    <message>
        <source>%1
A %2, B %3</source>
        <translation>%1
A %2、B %3</translation>
    </message>
    <message>
        <source>%1
not measured</source>
        <translation>%1
未測定</translation>
    </message>
    <message>
        <source>%1
%2 of rank %3</source>
        <translation>%1
ランク %3 のうち %2</translation>
    </message>
    <message>
        <source>%1
%2</source>
        <translation>%1
%2</translation>
    </message>
    <message>
        <source>%1: effective rank of the change %2 on average.</source>
        <translation>%1: 変化の有効ランクは平均 %2。</translation>
    </message>
    <message>
        <source>%1: changed by %2, effective rank of the change %3 on average.</source>
        <translation>%1: 変化は %2、その有効ランクは平均 %3。</translation>
    </message>
    <message>
        <source>Rank for the next run: %1 as %2 needed, %3 fewer parameters</source>
        <translation>次の実行のランク: %2 の必要に応じて %1、パラメーターは %3 少なくなります</translation>
    </message>
    <message>
        <source>Ranks for the next run: %1 to %2 as %3 needed, %4 fewer parameters</source>
        <translation>次の実行のランク: %3 の必要に応じて %1 から %2、パラメーターは %4 少なくなります</translation>
    </message>
    <message>
        <source>A, %1</source>
        <translation>A、%1</translation>
    </message>
    <message>
        <source>B, %1</source>
        <translation>B、%1</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::VerdictCard</name>
    <message>
        <source>What survives</source>
        <translation>残った結論</translation>
    </message>
    <message>
        <source>Nothing can be compared yet: two methods of one setting have not come to a score.</source>
        <translation>まだ何も比べられません。同じ設定でスコアの出た手法が二つありません。</translation>
    </message>
    <message>
        <source>No run has come to its end yet.</source>
        <translation>終わった実行はまだありません。</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>setting, then the sentence</comment>
        <translation>%1: %2</translation>
    </message>
    <message numerus="yes">
        <source>%1
… and %n more, on hover</source>
        <translation>
            <numerusform>%1
… ほか %n 件(マウスを重ねると表示)</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>pissarro::ui::WhomList</name>
    <message>
        <source>Who is evaluated</source>
        <translation>評価の対象</translation>
    </message>
    <message>
        <source>+ Run or folder</source>
        <translation>+ 実行かフォルダー</translation>
    </message>
    <message>
        <source>A run, a model or the folder of an adapter (Ctrl+Shift+A)</source>
        <translation>実行、モデル、またはアダプターのフォルダー (Ctrl+Shift+A)</translation>
    </message>
    <message>
        <source>adapter for the open model</source>
        <translation>開いているモデルのアダプター</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>Base</source>
        <translation>ベース</translation>
    </message>
    <message>
        <source>Open the model that the adapter is for.</source>
        <translation>このアダプターのモデルを開いてください。</translation>
    </message>
    <message>
        <source>Choose whom to evaluate: a run, a model or an adapter.</source>
        <translation>評価の対象を選んでください: 実行、モデル、アダプターのいずれか。</translation>
    </message>
    <message>
        <source>No model is open, and no run has something to say yet.</source>
        <translation>モデルが開かれておらず、答えられる実行もまだありません。</translation>
    </message>
</context>
<context>
    <name>pissarro::ui::WidgetExport</name>
    <message>
        <source>Saving %1</source>
        <translation>%1 を保存中</translation>
    </message>
    <message>
        <source>%1: the ending “.%2” is no format of a picture (expected .png, .pdf or .svg); choose another name</source>
        <translation>%1: 拡張子「.%2」は画像の形式ではありません(.png、.pdf、.svg のいずれか)。別の名前を選んでください</translation>
    </message>
</context>
</TS>
