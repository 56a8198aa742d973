/* Two nodes, one room, one log, one client: lease, claim, fence, append, resume, crash and pause, checked exhaustively.

   spin -a ownership.pml && cc -O2 -DSAFETY -DCOLLAPSE -o pan pan.c && ./pan -E -m1000000

   A lease may run out at any moment, which stands for every pause, partition and wrong clock. A node that lost it goes on
   believing until the log refuses it. What a node has asked the log to write may arrive arbitrarily late, also after the
   node's death. Faults to plant: -DNO_FENCE -DMEMORY_ONLY -DPUBLISH_STALE -DOFF_BY_ONE. */

#define NODES 2
#define COMMANDS 2
#define EVENTS 3
#define CLAIMS 4
#define NOBODY NODES

/* -- the storage ----------------------------------------------------------------------------------------------------- */

byte owner = NOBODY;
byte epoch = 0;
byte head = 0;                 /* the log's last event */
byte wrote[EVENTS + 1];        /* by which command each event was made */
bool leased[NODES];

/* An append on its way: one for each life of a node that has ended, and the present one's. */
typedef Append { bool under_way; byte claim; byte first; byte command; };
Append append[NODES];
Append stray[NODES];
bool found_it;
byte i;                        /* counts; always within one step */
byte outcome[NODES];           /* 0: none yet, 1: written, 2: refused */

/* -- the nodes' memory ----------------------------------------------------------------------------------------------- */

byte claim[NODES];             /* the epoch it claimed the room at; 0: it has not */
bool awake[NODES];
byte fold[NODES];              /* committed events it knows */
byte remembers[NODES];         /* commands it has judged itself, as bits */

/* -- the client ------------------------------------------------------------------------------------------------------ */

byte at = NOBODY;              /* the node it is connected to */
byte cursor = 0;               /* the last event it has seen */
byte seen = 0;                 /* how many events it was given */
byte wants = 1;                /* its command, sent again until answered; COMMANDS + 1: all are answered */

inline in_log(which, upto, found) {
  found = false;
  i = 1;
  do
  :: i <= upto -> if :: wrote[i] == which -> found = true :: else fi; i++
  :: else -> break
  od
}

inline arrive(one, node) {
  /* one append as the database carries it out */
  if
#ifdef NO_FENCE
  :: one.first <= EVENTS ->
#else
  :: owner == node && epoch == one.claim && head + 1 == one.first ->
#endif
     d_step {
       in_log(one.command, head, found_it);
       assert(!found_it);                      /* I3: a command takes effect once */
#ifdef NO_FENCE
       assert(one.first == head + 1);       /* I2: one writer */
#endif
       head = one.first;
       wrote[head] = one.command;
       won = true
     }
  :: else -> won = false
  fi;
  one.under_way = false
}

inline stop(node) { claim[node] = 0; awake[node] = false; fold[node] = 0; remembers[node] = 0; outcome[node] = 0;
                    if :: at == node -> at = NOBODY :: else fi }

proctype Node(byte me) {
  bool won, known;
  do
  :: atomic { !claim[me] && epoch < CLAIMS && (owner == NOBODY || owner == me || !leased[owner]) ->
       owner = me; epoch++; claim[me] = epoch; leased[me] = true }
  :: atomic { claim[me] && !awake[me] -> fold[me] = head; awake[me] = true }
  :: atomic { awake[me] && at == me && wants <= COMMANDS && !append[me].under_way && !outcome[me] && fold[me] < EVENTS ->
       /* the client's command arrives: a repeat is answered, anything else is decided */
#ifdef MEMORY_ONLY
       known = remembers[me] & (1 << wants);
#else
       in_log(wants, fold[me], known);
#endif
       if
       :: known -> wants++
       :: else -> append[me].under_way = true; append[me].claim = claim[me]; append[me].first = fold[me] + 1;
                  append[me].command = wants
       fi }
  :: atomic { append[me].under_way -> arrive(append[me], me); if :: won -> outcome[me] = 1 :: else -> outcome[me] = 2 fi }
  :: atomic { stray[me].under_way -> arrive(stray[me], me) }
  :: atomic { stray[me].under_way -> stray[me].under_way = false }
#ifdef PUBLISH_STALE
  :: atomic { outcome[me] ->
#else
  :: atomic { outcome[me] == 2 -> stop(me) }
  :: atomic { outcome[me] == 1 ->
#endif
       /* it is written: adopt, show, answer */
       outcome[me] = 0; fold[me]++; remembers[me] = remembers[me] | (1 << append[me].command);
       if
       :: at == me && wants == append[me].command ->
            in_log(wants, head, found_it);
            assert(found_it);               /* I1: what is answered is written */
            if :: cursor < fold[me] -> assert(cursor + 1 == fold[me]); cursor++; seen++ :: else fi;
            wants++
       :: else -> skip
       fi }
  :: atomic { claim[me] && leased[me] -> leased[me] = false }                 /* the lease runs out */
  :: atomic { claim[me] && !stray[me].under_way ->                            /* kill -9: what is under way stays so */
       stray[me].under_way = append[me].under_way; stray[me].claim = append[me].claim;
       stray[me].first = append[me].first; stray[me].command = append[me].command;
       append[me].under_way = false; leased[me] = false; stop(me) }
  od
}

proctype Client() {
  byte node;
  do
  :: atomic { at == NOBODY && wants <= COMMANDS ->
       /* connect anywhere and resume: every event after the cursor that the node knows, in order */
       if :: node = 0 :: node = 1 fi;
       if
       :: awake[node] ->
            at = node;
            if
            :: cursor < fold[node] ->
#ifdef OFF_BY_ONE
                 seen = seen + fold[node] - cursor - 1;
#else
                 seen = seen + fold[node] - cursor;
#endif
                 cursor = fold[node]
            :: else
            fi;
            assert(cursor <= head);         /* I1: what is seen is written */
            assert(seen == cursor)          /* I4: nothing is missed, nothing comes twice */
       :: else -> skip
       fi }
  :: atomic { at != NOBODY -> at = NOBODY }                                   /* its connection is cut */
  od
}

init { atomic { run Node(0); run Node(1); run Client() } }
