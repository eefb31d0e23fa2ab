//! One row for each application whose effect on a call is known, by family.

use super::{Answer, Behaviour, Block, Danger, Digits, Flow, Place, Sounds};
use Place::{All, Argument, BeforeEquals, EachBeforeEquals, From, Named};

pub(super) const ROWS: &[Behaviour] = &[
    // Control of priorities.
    row("Goto").flow(Flow::Leaves),
    row("GotoIf").flow(Flow::MayLeave),
    row("GotoIfTime").flow(Flow::MayLeave),
    row("Gosub").flow(Flow::Continues),
    row("GosubIf").flow(Flow::Continues),
    row("Return").flow(Flow::Leaves).block(Block::Return),
    row("StackPop").block(Block::StackPop),
    row("Macro").flow(Flow::Continues),
    row("MacroExclusive").flow(Flow::Continues),
    row("MacroIf").flow(Flow::Continues),
    row("MacroExit").flow(Flow::Leaves).block(Block::MacroExit),
    row("While").flow(Flow::MayLeave).block(Block::While),
    row("EndWhile").flow(Flow::MayLeave).block(Block::EndWhile),
    row("ContinueWhile").flow(Flow::Leaves).block(Block::ContinueWhile),
    row("ExitWhile").flow(Flow::Leaves).block(Block::ExitWhile),
    row("If").flow(Flow::MayLeave).block(Block::If),
    row("ElseIf").flow(Flow::MayLeave).block(Block::ElseIf),
    row("Else").flow(Flow::MayLeave).block(Block::Else),
    row("ExitIf").flow(Flow::Leaves).block(Block::ExitIf),
    row("EndIf").block(Block::EndIf),
    row("ExecIf").flow(Flow::MayLeave),
    row("ExecIfTime").flow(Flow::MayLeave),
    row("Exec").flow(Flow::MayLeave).endangered(&[(All, Danger::Application)]),
    row("TryExec").flow(Flow::MayLeave).endangered(&[(All, Danger::Application)]),
    row("RaiseException").flow(Flow::Leaves),
    row("Incomplete").flow(Flow::MayLeave).waits(),
    row("NoOp"),
    row("Verbose"),
    row("Log"),
    row("DumpChan"),
    // Ends.
    row("Hangup").flow(Flow::Ends),
    row("Busy").flow(Flow::Ends).waits(),
    row("Congestion").flow(Flow::Ends).waits(),
    row("SoftHangup"),
    // The state of a call.
    row("Answer").answer(Answer::Always),
    row("Ringing"),
    row("Progress"),
    row("Proceeding"),
    row("Wait").waits(),
    row("WaitUntil").waits(),
    row("WaitForRing").waits(),
    row("WaitForNoise").waits(),
    row("WaitForSilence").waits(),
    row("MusicOnHold").waits(),
    row("StartMusicOnHold"),
    row("StopMusicOnHold"),
    row("PlayTones"),
    row("StopPlayTones"),
    row("Echo").waits(),
    row("Milliwatt").flow(Flow::Ends).answer(Answer::Always).waits(),
    row("Morsecode"),
    row("Zapateller").answer(Answer::Never),
    row("AMD").waits(),
    // Sounds and digits.
    row("Playback").answer(Answer::Unless("noanswer")).plays(&[list(0)]),
    row("BackGround")
        .flow(Flow::MayLeave)
        .answer(Answer::Unless("n"))
        .digits(Digits::Extension)
        .plays(&[list(0)]),
    row("WaitExten").flow(Flow::MayLeave).digits(Digits::Extension).waits(),
    row("Read")
        .answer(Answer::Unless("n"))
        .digits(Digits::Variable)
        .plays(&[list(1)])
        .setting(&[Argument(0)])
        .waits(),
    row("ReadExten")
        .answer(Answer::Unless("n"))
        .digits(Digits::Variable)
        .plays(&[single(1)])
        .setting(&[Argument(0)])
        .waits(),
    row("WaitDigit").digits(Digits::Own).waits(),
    row("ControlPlayback").digits(Digits::Own).plays(&[single(0)]),
    row("SpeechBackground")
        .answer(Answer::Unless("n"))
        .digits(Digits::Own)
        .plays(&[list(0)])
        .waits(),
    row("BackgroundDetect").flow(Flow::MayLeave).answer(Answer::Always).plays(&[single(0)]),
    row("SayAlpha"),
    row("SayAlphaCase"),
    row("SayDigits"),
    row("SayMoney"),
    row("SayNumber"),
    row("SayOrdinal"),
    row("SayPhonetic"),
    row("SayUnixTime").answer(Answer::Always),
    row("DateTime").answer(Answer::Always),
    row("SendDTMF"),
    row("Record")
        .answer(Answer::Unless("n"))
        .endangered(&[(Argument(0), Danger::File)])
        .digits(Digits::Own)
        .waits(),
    row("Dictate").answer(Answer::Always).digits(Digits::Own).waits(),
    row("Festival")
        .answer(Answer::Always)
        .digits(Digits::Own)
        .endangered(&[(Argument(0), Danger::Application)]),
    row("MP3Player").endangered(&[(All, Danger::Url)]).digits(Digits::Own).waits(),
    row("NBScat").digits(Digits::Own).waits(),
    row("Authenticate")
        .flow(Flow::MayEnd)
        .answer(Answer::Always)
        .digits(Digits::Own)
        .plays(&[Sounds { at: Named("prompt"), separator: Some(b'&') }])
        .waits(),
    row("VMAuthenticate").flow(Flow::MayEnd).answer(Answer::Always).digits(Digits::Own).waits(),
    row("PrivacyManager").answer(Answer::Always).digits(Digits::Own).waits(),
    row("DISA").flow(Flow::Leaves).answer(Answer::Unless("n")).digits(Digits::Extension).waits(),
    row("Directory").flow(Flow::MayLeave).answer(Answer::Unless("n")).digits(Digits::Own).waits(),
    // Calls to somebody.
    row("Dial")
        .flow(Flow::MayEnd)
        .answer(Answer::WithPeer)
        .plays(&[Sounds { at: Place::Option(b'A'), separator: Some(b':') }])
        .endangered(&[(Argument(0), Danger::Dial)])
        .waits(),
    row("RetryDial")
        .flow(Flow::MayEnd)
        .answer(Answer::WithPeer)
        .digits(Digits::Exit)
        .plays(&[single(0)])
        .endangered(&[(Argument(3), Danger::Dial)])
        .waits(),
    row("Queue")
        .flow(Flow::MayEnd)
        .answer(Answer::WithPeer)
        .digits(Digits::Exit)
        .plays(&[Sounds { at: Named("announceoverride"), separator: Some(b'&') }])
        .waits(),
    row("FollowMe").flow(Flow::MayEnd).answer(Answer::WithPeer).waits(),
    row("Page")
        .flow(Flow::MayEnd)
        .answer(Answer::WithPeer)
        .plays(&[Sounds { at: Place::Option(b'A'), separator: None }])
        .endangered(&[(Argument(0), Danger::Dial)])
        .waits(),
    row("Originate")
        .endangered(&[(Argument(0), Danger::Dial), (From(2), Danger::Application)])
        .waits(),
    row("Bridge").flow(Flow::MayEnd).waits(),
    row("BridgeAdd").flow(Flow::MayEnd).answer(Answer::Always).waits(),
    row("BridgeWait").flow(Flow::MayEnd).answer(Answer::Unless("n")).waits(),
    row("Pickup").flow(Flow::MayEnd),
    row("PickupChan").flow(Flow::MayEnd),
    row("Transfer").flow(Flow::MayEnd).endangered(&[(All, Danger::Dial)]),
    row("BlindTransfer").flow(Flow::MayEnd),
    row("AttendedTransfer").flow(Flow::MayEnd),
    row("ChannelRedirect"),
    row("ChanIsAvail"),
    row("ChanSpy").flow(Flow::MayLeave).answer(Answer::Always).digits(Digits::Own).waits(),
    row("ExtenSpy").flow(Flow::MayLeave).answer(Answer::Always).digits(Digits::Own).waits(),
    row("AgentLogin").answer(Answer::Always).digits(Digits::Own).waits(),
    row("AgentRequest").flow(Flow::MayEnd).answer(Answer::WithPeer).waits(),
    // Parking, conferences, mailboxes.
    row("Park").flow(Flow::MayEnd).answer(Answer::Always).waits(),
    row("ParkAndAnnounce").flow(Flow::MayEnd).waits(),
    row("ParkedCall").flow(Flow::MayEnd).answer(Answer::Always).waits(),
    row("MeetMe").flow(Flow::MayLeave).answer(Answer::Always).digits(Digits::Own).waits(),
    row("ConfBridge").flow(Flow::MayLeave).answer(Answer::Always).digits(Digits::Own).waits(),
    row("VoiceMail").flow(Flow::MayLeave).answer(Answer::Always).digits(Digits::Own).waits(),
    row("VoiceMailMain").flow(Flow::MayLeave).answer(Answer::Always).digits(Digits::Own).waits(),
    row("VoiceMailPlayMsg").answer(Answer::Always),
    row("MinivmGreet").flow(Flow::MayLeave).digits(Digits::Own),
    row("MinivmRecord").flow(Flow::MayLeave).answer(Answer::Always).digits(Digits::Own).waits(),
    // Variables and data.
    row("Set").setting(&[BeforeEquals]),
    row("MSet").setting(&[EachBeforeEquals]),
    row("ImportVar").setting(&[BeforeEquals]),
    row("DBdel"),
    row("DBdeltree"),
    row("UserEvent"),
    row("CELGenUserEvent"),
    row("SetAMAFlags"),
    row("NoCDR"),
    row("ResetCDR"),
    row("ForkCDR"),
    row("SetCallerPres"),
    row("AddQueueMember"),
    row("RemoveQueueMember"),
    row("PauseQueueMember"),
    row("UnpauseQueueMember"),
    row("QueueLog"),
    row("SIPAddHeader").endangered(&[(All, Danger::Header)]),
    row("SIPRemoveHeader"),
    row("SIPDtmfMode"),
    row("SendText"),
    row("SendURL").endangered(&[(Argument(0), Danger::Url)]),
    row("MessageSend").endangered(&[(Argument(0), Danger::Dial)]),
    // Recordings, programs, other services.
    row("MixMonitor").endangered(&[(Argument(0), Danger::File), (Argument(2), Danger::Shell)]),
    row("StopMixMonitor"),
    row("Monitor").endangered(&[(Argument(1), Danger::File)]),
    row("ChangeMonitor").endangered(&[(Argument(0), Danger::File)]),
    row("StopMonitor"),
    row("PauseMonitor"),
    row("UnpauseMonitor"),
    row("System").endangered(&[(All, Danger::Shell)]),
    row("TrySystem").endangered(&[(All, Danger::Shell)]),
    row("AGI").flow(Flow::MayLeave).endangered(&[(Argument(0), Danger::Program)]),
    row("EAGI")
        .flow(Flow::MayLeave)
        .answer(Answer::Always)
        .endangered(&[(Argument(0), Danger::Program)]),
    row("DeadAGI").flow(Flow::MayLeave).endangered(&[(Argument(0), Danger::Program)]),
    row("ExternalIVR")
        .flow(Flow::MayLeave)
        .answer(Answer::Unless("n"))
        .endangered(&[(Argument(0), Danger::Program)]),
    row("MYSQL").endangered(&[(All, Danger::Sql)]),
    row("Stasis").flow(Flow::MayLeave).waits(),
    row("ReceiveFAX").answer(Answer::Always).endangered(&[(Argument(0), Danger::File)]).waits(),
    row("SendFAX").answer(Answer::Always).endangered(&[(Argument(0), Danger::File)]).waits(),
    row("JabberSend"),
];

/// The arguments of a function, from 0, and what each can do; nothing stands for all of them.
type Sinks = [(Option<usize>, Danger)];

/// Functions whose arguments do harm in a caller's hands.
pub(super) const FUNCTIONS: &[(&str, &Sinks)] = &[
    ("SHELL", &[(None, Danger::Shell)]),
    ("CURL", &[(Some(0), Danger::Url)]),
    ("EVAL", &[(None, Danger::Evaluation)]),
    ("FILE", &[(Some(0), Danger::File)]),
    ("STAT", &[(Some(1), Danger::File)]),
    ("AST_CONFIG", &[(Some(0), Danger::File)]),
    ("ENV", &[(Some(0), Danger::Program)]),
    ("REALTIME", &[(None, Danger::Sql)]),
    ("PJSIP_HEADER", &[(Some(1), Danger::Header)]),
];

const fn row(name: &'static str) -> Behaviour {
    Behaviour {
        name,
        flow: Flow::Continues,
        block: None,
        answer: Answer::Never,
        digits: Digits::Unused,
        sounds: &[],
        sets: &[],
        sinks: &[],
        waits: false,
    }
}

/// An argument of names with `&` between them.
const fn list(index: usize) -> Sounds {
    Sounds { at: Argument(index), separator: Some(b'&') }
}

/// An argument that is one name.
const fn single(index: usize) -> Sounds {
    Sounds { at: Argument(index), separator: None }
}

impl Behaviour {
    const fn flow(mut self, flow: Flow) -> Self {
        self.flow = flow;
        self
    }

    const fn block(mut self, block: Block) -> Self {
        self.block = Some(block);
        self
    }

    const fn answer(mut self, answer: Answer) -> Self {
        self.answer = answer;
        self
    }

    const fn digits(mut self, digits: Digits) -> Self {
        self.digits = digits;
        self
    }

    const fn plays(mut self, sounds: &'static [Sounds]) -> Self {
        self.sounds = sounds;
        self
    }

    const fn setting(mut self, places: &'static [Place]) -> Self {
        self.sets = places;
        self
    }

    const fn endangered(mut self, sinks: &'static [(Place, Danger)]) -> Self {
        self.sinks = sinks;
        self
    }

    const fn waits(mut self) -> Self {
        self.waits = true;
        self
    }
}
