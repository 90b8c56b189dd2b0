package safety

import "testing"

// What raises danger: the emergency number comes first.
func TestDanger(t *testing.T) {
	for _, text := range []string{
		"he choked me", "he put his hands around my neck", "he pulled a gun on me", "she held a knife to my throat",
		"he says he will kill me", "he raped me", "he hit me and im 5 months pregnant", "she slapped me, I'm leaving tomorrow",
		"he'll hurt me if i leave him. he hit me", "I have the pills in my hand",
		"me ahorcó", "me apuntó con una pistola", "me puso un cuchillo en el cuello", "dice que me va a matar", "me violó",
		"me pegó y estoy embarazada", "me pega, lo voy a dejar", "tengo las pastillas en la mano",
	} {
		if r := Check(text); !r.Danger {
			t.Errorf("%q is no danger: %s", text, show(r))
		}
	}
	for _, text := range []string{"he hit me", "I'm pregnant and happy", "I'm leaving tomorrow", "he reads my messages", "me pegó", "estoy embarazada y feliz"} {
		if r := Check(text); r.Danger {
			t.Errorf("%q is danger: %s", text, show(r))
		}
	}
}

// Fear or control alone is asked about first; together with anything worse it is not.
func TestAmbiguous(t *testing.T) {
	for text, want := range map[string]bool{
		"i'm scared of him": true, "he reads my messages": true, "tengo miedo de él": true, "no me deja ver a mis amigas": true,
		"i'm scared of him, he hit me": false, "he reads my messages and he raped me": false, "he hit me": false, "": false, "I hit her": false,
	} {
		if r := Check(text); r.Ambiguous != want {
			t.Errorf("%q: ambiguous is %t: %s", text, r.Ambiguous, show(r))
		}
	}
}

// The same sign, however it is written.
func TestDisguises(t *testing.T) {
	for text, class := range map[string]Class{
		"HE HIT ME": V1, "he hittt meeee": V1, "h1t me, he did: he h1t me": V1, "he’s been hitting me": V1, "he str4ngled me": V1,
		"k!ll myself": S2, "k1ll mys3lf": S2, "𝗸𝗶𝗹𝗹 𝗺𝘆𝘀𝗲𝗹𝗳": S2, "ki\u200bll myself": S2, "suicdie": S2, "r@ped": V2, "suic*de": S2, "suicde": S2,
		"ME PEGÓ": V1, "me pegoooo": V1, "me bioló": V2, "suisidio": S2, "kiero morirme": S2, "me voi a matar": S3,
	} {
		if r := Check(text); !r.Classes.Has(class) {
			t.Errorf("%q is not %s: %s", text, class, show(r))
		}
	}
}
