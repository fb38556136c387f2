/** Short texts of our own, one subject in many languages, which nothing was fitted to. */
export const PROSE: Readonly<Record<string, string>> = {
  English:
    'The harbour was quiet when the first boats came back. Nobody had slept much, and the wind that had kept them out all night was now no more than a breath. On the pier an old man counted the lamps, as he did every morning, and wrote the number into a book that nobody but him would ever read. Seven had gone out, seven had returned. He closed the book, put it under his arm and walked home through streets that smelled of bread and wet stone.',
  German:
    'Der Hafen war still, als die ersten Boote zurückkamen. Niemand hatte viel geschlafen, und der Wind, der sie die ganze Nacht draußen gehalten hatte, war jetzt nicht mehr als ein Hauch. Auf der Mole zählte ein alter Mann die Lampen, wie er es jeden Morgen tat, und schrieb die Zahl in ein Heft, das außer ihm nie jemand lesen würde. Sieben waren hinausgefahren, sieben waren heimgekehrt. Er klappte das Heft zu und ging durch Straßen nach Hause, die nach Brot und nassem Stein rochen.',
  French:
    'Le port était silencieux quand les premiers bateaux sont rentrés. Personne n’avait beaucoup dormi, et le vent qui les avait retenus au large toute la nuit n’était plus qu’un souffle. Sur la jetée, un vieil homme comptait les lampes, comme chaque matin, et notait le nombre dans un carnet que personne d’autre ne lirait jamais. Sept étaient partis, sept étaient revenus. Il referma le carnet et rentra chez lui par des rues qui sentaient le pain et la pierre mouillée.',
  Spanish:
    'El puerto estaba en silencio cuando volvieron las primeras barcas. Nadie había dormido mucho, y el viento que las había tenido fuera toda la noche ya no era más que un soplo. En el muelle, un anciano contaba las lámparas, como todas las mañanas, y apuntaba el número en un cuaderno que nadie más leería jamás. Siete habían salido, siete habían vuelto. Cerró el cuaderno y se fue a casa por calles que olían a pan y a piedra mojada.',
  Italian:
    'Il porto era silenzioso quando tornarono le prime barche. Nessuno aveva dormito molto, e il vento che le aveva tenute al largo tutta la notte era ormai soltanto un respiro. Sul molo un vecchio contava le lampade, come ogni mattina, e scriveva il numero in un quaderno che nessun altro avrebbe mai letto. Sette erano uscite, sette erano tornate. Chiuse il quaderno e andò a casa per strade che odoravano di pane e di pietra bagnata.',
  Portuguese:
    'O porto estava em silêncio quando os primeiros barcos voltaram. Ninguém tinha dormido muito, e o vento que os manteve fora a noite inteira já não passava de um sopro. No cais, um velho contava as lâmpadas, como fazia todas as manhãs, e anotava o número num caderno que mais ninguém leria. Sete tinham saído, sete tinham regressado. Fechou o caderno e foi para casa por ruas que cheiravam a pão e a pedra molhada.',
  Dutch:
    'De haven was stil toen de eerste boten terugkwamen. Niemand had veel geslapen, en de wind die hen de hele nacht buiten had gehouden was nu niet meer dan een zucht. Op de pier telde een oude man de lampen, zoals hij elke ochtend deed, en schreef het aantal in een schrift dat verder nooit iemand zou lezen. Zeven waren uitgevaren, zeven waren thuisgekomen. Hij sloot het schrift en liep naar huis door straten die naar brood en natte steen roken.',
  Polish:
    'Port był cichy, kiedy wróciły pierwsze łodzie. Nikt nie spał zbyt wiele, a wiatr, który trzymał je na morzu całą noc, był już tylko lekkim tchnieniem. Na molo stary człowiek liczył lampy, jak każdego ranka, i zapisywał liczbę w zeszycie, którego nikt poza nim nigdy nie przeczyta. Siedem wypłynęło, siedem wróciło. Zamknął zeszyt i poszedł do domu ulicami, które pachniały chlebem i mokrym kamieniem.',
  Turkish:
    'İlk tekneler döndüğünde liman sessizdi. Kimse pek uyumamıştı ve onları bütün gece açıkta tutan rüzgâr artık hafif bir nefesten ibaretti. İskelede yaşlı bir adam her sabah yaptığı gibi lambaları sayıyor, sayıyı kendisinden başka kimsenin okumayacağı bir deftere yazıyordu. Yedi tekne çıkmış, yedi tekne dönmüştü. Defteri kapattı ve ekmek ile ıslak taş kokan sokaklardan evine yürüdü.',
  Vietnamese:
    'Bến cảng yên tĩnh khi những chiếc thuyền đầu tiên trở về. Không ai ngủ được nhiều, và cơn gió đã giữ họ ngoài khơi suốt đêm giờ chỉ còn là một hơi thở nhẹ. Trên cầu tàu, một ông già đếm những ngọn đèn như mỗi buổi sáng và ghi con số vào cuốn sổ mà ngoài ông ra sẽ không ai đọc. Bảy chiếc đã đi, bảy chiếc đã về. Ông gấp sổ lại và đi bộ về nhà qua những con phố thơm mùi bánh mì và đá ướt.',
  Russian:
    'В гавани было тихо, когда вернулись первые лодки. Никто почти не спал, а ветер, который всю ночь держал их в море, теперь был не сильнее вздоха. На пирсе старик считал фонари, как делал каждое утро, и записывал число в тетрадь, которую, кроме него, никто никогда не прочтёт. Семь ушли, семь вернулись. Он закрыл тетрадь, сунул её под мышку и пошёл домой по улицам, где пахло хлебом и мокрым камнем.',
  Greek:
    'Το λιμάνι ήταν ήσυχο όταν γύρισαν οι πρώτες βάρκες. Κανείς δεν είχε κοιμηθεί πολύ, και ο άνεμος που τις κρατούσε έξω όλη τη νύχτα δεν ήταν πια παρά μια ανάσα. Στην προβλήτα ένας γέρος μετρούσε τα φανάρια, όπως κάθε πρωί, και έγραφε τον αριθμό σε ένα τετράδιο που κανείς άλλος δεν θα διάβαζε ποτέ. Εφτά είχαν φύγει, εφτά είχαν γυρίσει.',
  Arabic:
    'كان الميناء هادئا حين عادت القوارب الأولى. لم ينم أحد كثيرا، والريح التي أبقتها في عرض البحر طوال الليل لم تعد أكثر من نسمة. على الرصيف كان رجل عجوز يعد المصابيح كما يفعل كل صباح، ويكتب العدد في دفتر لن يقرأه أحد سواه. سبعة خرجت وسبعة عادت. أغلق الدفتر ومشى إلى بيته في شوارع تفوح منها رائحة الخبز والحجر المبلل.',
  Hebrew:
    'הנמל היה שקט כשחזרו הסירות הראשונות. איש לא ישן הרבה, והרוח שהחזיקה אותן בים כל הלילה כבר לא הייתה אלא נשימה קלה. על המזח ספר איש זקן את הפנסים, כמו בכל בוקר, ורשם את המספר במחברת שאיש מלבדו לא יקרא לעולם. שבע יצאו, שבע חזרו. הוא סגר את המחברת והלך הביתה ברחובות שהריחו מלחם ומאבן רטובה.',
  Hindi:
    'जब पहली नावें लौटीं तब बंदरगाह शांत था। कोई ज़्यादा सोया नहीं था, और जो हवा उन्हें सारी रात समुद्र में रोके हुए थी, वह अब बस एक साँस भर रह गई थी। घाट पर एक बूढ़ा आदमी हर सुबह की तरह दीपक गिन रहा था और संख्या एक कॉपी में लिख रहा था जिसे उसके सिवा कोई कभी नहीं पढ़ेगा। सात गई थीं, सात लौट आई थीं।',
  Thai: 'ท่าเรือเงียบสงบเมื่อเรือลำแรกกลับมา ไม่มีใครได้นอนมากนัก และลมที่พัดให้เรือต้องอยู่กลางทะเลทั้งคืนตอนนี้เหลือเพียงลมแผ่ว บนสะพานท่าเรือ ชายชราคนหนึ่งนับตะเกียงเหมือนทุกเช้า และจดจำนวนลงในสมุดที่ไม่มีใครนอกจากเขาจะได้อ่าน ออกไปเจ็ดลำ กลับมาเจ็ดลำ เขาปิดสมุดแล้วเดินกลับบ้าน',
  Korean:
    '첫 배들이 돌아왔을 때 항구는 조용했다. 아무도 제대로 자지 못했고, 밤새 배를 바다에 붙잡아 두었던 바람은 이제 숨결에 지나지 않았다. 부두에서는 한 노인이 매일 아침 그랬듯이 등불을 세고, 자기 말고는 아무도 읽지 않을 공책에 그 수를 적었다. 일곱 척이 나갔고 일곱 척이 돌아왔다. 그는 공책을 덮고 빵과 젖은 돌 냄새가 나는 거리를 지나 집으로 걸어갔다.',
  Japanese:
    '最初の船が戻ってきたとき、港は静かだった。誰もあまり眠っていなかったし、一晩中船を沖に留めていた風も、今ではほんの息ほどのものだった。桟橋では一人の老人が毎朝そうするように灯りを数え、自分のほかには誰も読むことのない帳面にその数を書きつけた。七つ出て行き、七つ帰ってきた。老人は帳面を閉じ、パンと濡れた石の匂いのする通りを歩いて家に帰った。',
  Chinese:
    '第一批渔船回来的时候，港口很安静。没有人睡得好，整夜把他们困在海上的风，如今只剩下一丝气息。码头上，一位老人像每天早晨一样数着灯，把数字记在一个除了他谁也不会看的本子里。出去了七条船，回来了七条船。他合上本子，夹在腋下，穿过弥漫着面包和湿石头气味的街道，走回家去。',
};

/** What is no prose and no code. */
export const MACHINE_TEXT: Readonly<Record<string, string>> = {
  listing: `total 96
drwxr-xr-x  7 user user  4096 Jul  1 09:12 .
drwxr-xr-x 18 user user  4096 Jun 28 17:40 ..
-rw-r--r--  1 user user   412 Jun 30 11:05 .editorconfig
-rw-r--r--  1 user user  1071 Jun 12 08:31 LICENSE
-rw-r--r--  1 user user  8233 Jul  1 09:10 README.md
drwxr-xr-x  3 user user  4096 Jul  1 09:12 dist
-rw-r--r--  1 user user  2210 Jul  1 09:02 package.json
drwxr-xr-x  5 user user  4096 Jun 30 22:47 src
-rw-r--r--  1 user user   640 Jun 12 08:31 tsconfig.json
`,
  'test run': `PASS src/parser/tokens.test.ts (1.284 s)
FAIL src/parser/tree.test.ts
  ● keeps comments › after the last statement

    expect(received).toEqual(expected)

    - Expected  - 1
    + Received  + 3

      at Object.<anonymous> (src/parser/tree.test.ts:118:24)
      at processTicksAndRejections (node:internal/process/task_queues:105:5)

Tests:       1 failed, 41 passed, 42 total
Time:        3.91 s
`,
  table: `date,region,units,revenue,returned
2026-01-05,north,1204,30100.50,12
2026-01-06,north,1187,29675.00,9
2026-01-06,south,883,22075.25,14
2026-01-07,west,1530,38250.75,3
2026-01-08,west,1499,37475.00,7
`,
  diff: `diff --git a/src/clock.ts b/src/clock.ts
index 3f1c2aa..9be04d1 100644
--- a/src/clock.ts
+++ b/src/clock.ts
@@ -14,7 +14,9 @@ export class Clock {
   tick(): void {
-    this.#now += this.step;
+    this.#now += this.step * this.rate;
+    for (const listener of this.#listeners) listener(this.#now);
   }
 }
`,
};
